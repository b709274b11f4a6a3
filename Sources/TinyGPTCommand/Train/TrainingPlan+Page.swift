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
        run.writePage(
            configuration,
            settings: TrainCommand.settingRows(
                configuration.model, configuration.training, usual: recipe.map { ($0.model, $0.training) }),
            commands: commands(run.folder, configuration))
    }

    private func commands(_ folder: RunFolder, _ configuration: RunConfiguration) -> [RunPage.CommandRow] {
        let run = folder.path.shellPath
        let more = Self.moreSteps(than: settings.steps).map {
            RunPage.CommandRow("Train further, once all steps are made", "tinygpt train --resume \(run) --steps \($0)")
        }
        let longer = settings.morePatience.map {
            RunPage.CommandRow("Train further, once --patience has ended it", "tinygpt train --resume \(run) \($0)")
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
            RunPage.CommandRow("Go on where it stopped", "tinygpt train --resume \(run)"), more, longer,
            RunPage.CommandRow("Have it write", sampleCommand(folder)), look,
            RunPage.CommandRow("Measure it", "tinygpt eval \(run)"),
            RunPage.CommandRow("Compare all runs", "tinygpt runs --html runs.html"), begun,
        ].compactMap { $0 }
    }

    /// The command that has a run write.
    func sampleCommand(_ folder: RunFolder) -> String {
        "tinygpt sample \(folder.path.shellPath)\(settings.lines ? " --lines --count 20" : "")"
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

extension TrainCommand {
    /// Every setting of a model and its training by the name of its option, without dashes.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - training: The training.
    ///   - usual: Those of the preset, where it is known.
    /// - Returns: A row for each, in the order of help.
    static func settingRows(
        _ model: GPT.Configuration, _ training: TrainingSettings,
        usual: (model: GPT.Configuration, training: TrainingSettings)? = nil
    ) -> [RunPage.SettingRow] {
        func row(_ name: String, _ value: String, _ usual: String?) -> RunPage.SettingRow {
            RunPage.SettingRow(String(name.drop { $0 == "-" }), value, usual: usual)
        }
        return modelSettings.map { setting in
            row(setting.name, setting.text(model), usual.map { setting.text($0.model) })
        }
            + trainingSettings.map { setting in
                row(setting.name, setting.text(training), usual.map { setting.text($0.training) })
            }
    }
}
