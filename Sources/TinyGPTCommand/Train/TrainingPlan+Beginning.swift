import Console
import Foundation
import TinyGPT

extension TrainingPlan {
    /// Creates the run, or resumes it, with a `config.json` that says so.
    ///
    /// - Parameters:
    ///   - arguments: The command's.
    ///   - processes: The processes that train together.
    ///   - locked: The folder of a run that continues or begins again, and its lock; nil for a new run.
    /// - Returns: The run, its `config.json`, and what keeps other processes from writing to it.
    /// - Throws: `TinyGPTError` where a file or folder cannot be created, read or written.
    func begin(
        _ arguments: ParsedArguments, _ processes: Processes, _ locked: (folder: RunFolder, lock: RunLock)?
    ) throws -> (TrainingRun, RunConfiguration, RunLock) {
        if let (folder, checkpoint) = resumed {
            guard let locked else { preconditionFailure("a run is resumed without its lock") }
            let configuration = try configuration(of: folder, checkpoint, arguments)
            let run = try TrainingRun(
                resuming: folder, from: checkpoint, corpus: corpus, settings: settings, processes: processes,
                probeWeights: probeWeights)
            if recordsEvents { try recordEvents(of: run) }
            try configuration.write(to: folder.configurationPath)
            writePage(of: run, configuration)
            return (run, configuration, locked.lock)
        }
        let model = try GPT(configuration, seed: settings.seed)
        let (folder, lock) = try locked ?? newFolder(arguments)
        var configuration = newConfiguration(model, arguments)
        configuration.commandLines = earlierCommandLines + configuration.commandLines
        try configuration.write(to: folder.configurationPath)
        let run = try TrainingRun(
            in: folder,
            Trainer(model, tokens: corpus.train, lineBreak: corpus.lineBreak, settings, processes: processes),
            corpus: corpus, vocabulary: vocabulary, data: data, probe: probe, probeWeights: probeWeights)
        if recordsEvents { try recordEvents(of: run) }
        writePage(of: run, configuration)
        return (run, configuration, lock)
    }

    /// Changes the number of steps of a run that goes on, in all that says it.
    ///
    /// - Parameters:
    ///   - steps: All steps, those that are made among them.
    ///   - run: The run of this plan, before its cooldown.
    ///   - configuration: Its `config.json`.
    /// - Throws: `TinyGPTError` where a file cannot be written.
    mutating func changeSteps(
        to steps: Int, of run: TrainingRun, _ configuration: inout RunConfiguration
    ) throws {
        settings.steps = steps
        configuration.training = settings
        run.changeSteps(to: steps)
        try configuration.write(to: run.folder.configurationPath)
        writePage(of: run, configuration)
    }

    private func recordEvents(of run: TrainingRun) throws {
        let rows = TrainCommand.settingRows(configuration, settings)
        try run.recordEvents(settings: rows.map { ($0.name, $0.value) })
    }

    private func newFolder(_ arguments: ParsedArguments) throws -> (RunFolder, RunLock) {
        let begun = try BegunRun(at: arguments[TrainCommand.run], forText: text.paths[0])
        return (begun.folder, begun.lock)
    }

    private func newConfiguration(_ model: GPT, _ arguments: ParsedArguments) -> RunConfiguration {
        RunConfiguration(
            version: Program.version, started: Date(), commandLine: arguments.commandLine, model: model,
            training: settings, data: data, probe: probe, probeWeights: probeWeights)
    }

    /// `config.json` of a resumed run; made again from the checkpoint where it is missing.
    private func configuration(
        of folder: RunFolder, _ checkpoint: Checkpoint, _ arguments: ParsedArguments
    ) throws -> RunConfiguration {
        guard folder.hasConfiguration else { return newConfiguration(try checkpoint.model(), arguments) }
        var configuration = try RunConfiguration(path: folder.configurationPath)
        configuration.commandLines.append(arguments.commandLine)
        configuration.training = settings
        configuration.data = data
        configuration.probeWeights = probeWeights ? true : nil
        return configuration
    }
}
