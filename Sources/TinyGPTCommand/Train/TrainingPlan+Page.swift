import Console
import TinyGPT

extension TrainingPlan {
    /// Has a run write its page.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - configuration: Its `config.json`.
    func writePage(of run: TrainingRun, _ configuration: RunConfiguration) {
        let recipe = Preset(beganBy: configuration)?.recipe(
            vocabulary: vocabulary.count, characters: text.tokens.count)
        let model = TrainCommand.modelSettings.map { setting in
            RunPage.SettingRow(
                setting.plainName, setting.text(configuration.model), usual: recipe.map { setting.text($0.model) })
        }
        let training = TrainCommand.trainingSettings.map { setting in
            RunPage.SettingRow(
                setting.plainName, setting.text(configuration.training),
                usual: recipe.map { setting.text($0.training) })
        }
        run.writePage(configuration, settings: model + training, commands: commands(run.folder, configuration))
    }

    private func commands(_ folder: RunFolder, _ configuration: RunConfiguration) -> [RunPage.CommandRow] {
        let run = folder.path.shellPath
        let more = Self.moreSteps(than: settings.steps).map {
            RunPage.CommandRow("Train further, once all steps are made", "tinygpt train --resume \(run) --steps \($0)")
        }
        let look =
            probe == nil
            ? RunPage.CommandRow(
                "Look at where its heads look",
                "tinygpt attention \(run) --prompt=\(examplePrompt.shellQuoted) --html attention.html")
            : RunPage.CommandRow(
                "Watch its heads form, on the text of the probe",
                "tinygpt attention \(run) --probe --heads --html heads.html")
        let begun = configuration.commandLines.first.map {
            RunPage.CommandRow("How it began", (["tinygpt"] + $0.map(\.shellQuoted)).joined(separator: " "))
        }
        return [
            RunPage.CommandRow("Go on where it stopped", "tinygpt train --resume \(run)"), more,
            RunPage.CommandRow("Have it write", "tinygpt sample \(run)"), look,
            RunPage.CommandRow("Measure it", "tinygpt eval \(run)"),
            RunPage.CommandRow("Compare all runs", "tinygpt runs --html runs.html"), begun,
        ].compactMap { $0 }
    }

    /// A few characters of the training text, as a prompt.
    var examplePrompt: String {
        let start = text.vocabulary.decode(text.tokens[0..<min(10_000, text.tokens.count)])
        let lines = start.unicodeScalars.split(whereSeparator: \.isControl)
        return lines.first { $0.count > 3 }.map { String($0.prefix(24)) } ?? ""
    }
}

extension Preset {
    /// The preset of the command line that began a run; nil where another command made it.
    fileprivate init?(beganBy configuration: RunConfiguration) {
        let declaration = TrainCommand().declaration
        guard let line = configuration.commandLines.first, let place = line.firstIndex(of: declaration.name),
            let arguments = try? ArgumentParser.parse(
                leading: line[..<place], line[(place + 1)...], for: declaration)
        else { return nil }
        self = arguments[TrainCommand.preset]
    }
}

extension Setting {
    /// The name of its option without the dashes.
    var plainName: String { String(name.drop { $0 == "-" }) }
}
