import Foundation

/// A training in a run folder: every loss in a table, the last and the best state in checkpoints, samples and, if asked for,
/// the attention on a probe text.
public final class TrainingRun {
    /// The folder of the run.
    public let folder: RunFolder
    /// Makes the steps.
    public let trainer: Trainer
    /// How far the training has come.
    public private(set) var progress: Checkpoint.Progress
    private let corpus: Corpus
    private let vocabulary: Vocabulary
    private let data: Checkpoint.DataDescription
    private var logs: RunLogs

    /// An event of a run.
    public enum Event {
        /// A step was made.
        case step(Trainer.Report, tokensPerSecond: Double)
        /// A validation is under way; the fraction of the text that has been predicted.
        case validating(Double)
        /// A validation is complete, a sample drawn and the checkpoints written; without an evaluation where the whole text is
        /// trained on.
        case validated(step: Int, Evaluation?, isBest: Bool, sample: String)
        /// The page could not be written, for this reason; the training goes on, and later failures are not reported.
        case pageFailed(String)
        /// The weights of a validation could not be kept, for this reason; the training goes on.
        case snapshotFailed(step: Int, String)
    }

    /// How a training ended.
    public enum Outcome: Equatable {
        /// It was stopped between two steps, and saved.
        case stopped
        /// All steps were made, or its patience is lost; with the last validation.
        case completed(Evaluation?)
    }

    /// Starts a run in a new folder.
    ///
    /// - Parameters:
    ///   - folder: The folder, empty.
    ///   - trainer: Makes the steps.
    ///   - corpus: The text.
    ///   - vocabulary: Turns characters into tokens and back.
    ///   - data: The text's files and digest.
    ///   - probe: A text whose attention is recorded at every validation; of one longer than the context, the end.
    ///   - probeWeights: Whether to keep the weights of every validation, too, as ``WeightSnapshots``.
    /// - Throws: ``TinyGPTError/invalidSettings(problem:)`` for settings of the trainer that are out of range, before anything is
    ///   created, or ``TinyGPTError/cannotCreate(_:reason:)``.
    public convenience init(
        in folder: RunFolder, _ trainer: Trainer, corpus: Corpus, vocabulary: Vocabulary,
        data: Checkpoint.DataDescription, probe: String? = nil, probeWeights: Bool = false
    ) throws {
        try trainer.settings.validate()
        self.init(
            folder, trainer, Checkpoint.Progress(), corpus, vocabulary, data,
            try RunLogs(beginningIn: folder, probe: probe, probeWeights: probeWeights))
    }

    /// Resumes a run from a checkpoint.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - checkpoint: The state to continue from, read for training.
    ///   - corpus: The text, the same as before.
    ///   - settings: The hyperparameters to continue with.
    ///   - processes: The processes that train together, of which this is the first.
    ///   - probeWeights: Whether to keep the weights of every validation; those before are there if they were kept then.
    /// - Throws: ``TinyGPTError`` for settings that are out of range, for a damaged checkpoint or table, or when a file cannot be written.
    public convenience init(
        resuming folder: RunFolder, from checkpoint: Checkpoint, corpus: Corpus, settings: TrainingSettings,
        processes: Processes = .one, probeWeights: Bool = false
    ) throws {
        try settings.validate()
        // What is no regular file could not be replaced after the steps are made, and a pipe would be waited for.
        if folder.hasBestCheckpoint { _ = try InputFile(path: folder.bestCheckpointPath) }
        let trainer = try checkpoint.trainer(
            tokens: corpus.train, lineBreak: corpus.lineBreak, settings: settings, processes: processes)
        self.init(
            folder, trainer, checkpoint.progress, corpus, checkpoint.vocabulary, checkpoint.data,
            try RunLogs(resumingIn: folder, from: checkpoint, probeWeights: probeWeights))
    }

    private init(
        _ folder: RunFolder, _ trainer: Trainer, _ progress: Checkpoint.Progress, _ corpus: Corpus,
        _ vocabulary: Vocabulary, _ data: Checkpoint.DataDescription, _ logs: RunLogs
    ) {
        self.folder = folder
        self.trainer = trainer
        self.progress = progress
        self.corpus = corpus
        self.vocabulary = vocabulary
        self.data = data
        self.logs = logs
    }

    /// Writes event files for TensorBoard, too, from the next step on.
    ///
    /// - Parameter settings: Names and values of the settings, for its table of hyperparameters.
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func recordEvents(settings: [(name: String, value: String)]) throws {
        logs.events = try EventLog(in: folder, after: progress.step, settings: settings)
    }

    /// Writes a page to look at in a browser, too, when a run is resumed, at every validation and at the end: `index.html`.
    /// Called again, changes what it says of the run's settings.
    ///
    /// - Parameters:
    ///   - configuration: The run's.
    ///   - settings: Its settings as text, for a table.
    ///   - commands: What to go on with.
    public func writePage(
        _ configuration: RunConfiguration, settings: [RunPage.SettingRow], commands: [RunPage.CommandRow]
    ) {
        if let page = logs.page { return page.describe(configuration, settings: settings, commands: commands) }
        logs.page = RunPageLog(
            folder, configuration, settings: settings, commands: commands, corpus: corpus, vocabulary: vocabulary)
        if let probe = logs.probe, let snapshot = probe.resumed, let tokens = try? tokens(of: probe) {
            logs.page?.replaceAttention(by: snapshot, on: tokens)
        }
    }

    /// Changes the number of steps, as the trainer does, when a step is reported: it is saved then. `config.json` and the page are to
    /// be written again; event files keep the number that the run began with, since TensorBoard reads it only once.
    ///
    /// - Parameter steps: All steps, those that are made among them.
    package func changeSteps(to steps: Int) { trainer.changeSteps(to: steps) }

    /// Whether the training loss has fallen since the best validation; nil where that is not known.
    package var hasTrainingLossFallen: Bool? {
        logs.page?.course(.finished).trainingChange.map { $0.after < $0.before }
    }

    /// Trains until all steps are made, validating and saving on the way.
    ///
    /// - Parameters:
    ///   - saveEvery: The time after which the state is saved again; it is also saved before and after every validation.
    ///   - shouldStop: Called between steps; if it returns true, the run saves its state and returns.
    ///   - report: Called with every event.
    /// - Returns: Whether it was stopped, and if not, the last validation.
    /// - Throws: ``TinyGPTError`` when training diverges or a file cannot be written, and what `report` throws.
    public func run(
        saveEvery: Duration = .seconds(60), shouldStop: () -> Bool = { false }, report: (Event) throws -> Void
    ) throws -> Outcome {
        do {
            // The page of a resumed run still says that it stopped.
            if !progress.isNew { try writePage(.running, report) }
            let outcome = try train(saveEvery, shouldStop, report)
            try writePage(outcome == .stopped ? .stopped : .finished, report)
            return outcome
        } catch let error as TinyGPTError {
            try writePage(state(after: error), report)
            throw error
        }
    }

    private func state(after error: TinyGPTError) -> RunPage.State {
        switch error {
        case .trainingDiverged(let step, _, _, _): .diverged(step: step)
        case .evaluationDiverged, .modelDiverged: .diverged(step: progress.step)
        default: .failed(error.description)
        }
    }

    private func train(
        _ saveEvery: Duration, _ shouldStop: () -> Bool, _ report: (Event) throws -> Void
    ) throws -> Outcome {
        var latest: Evaluation?
        if progress.isUnvalidated { latest = try validate(report) }
        if logs.lacksWeights(of: progress) { try keepWeights(checkpoint(), report) }
        var saved = ContinuousClock.now
        while !progress.hasEnded(trainer.settings) {
            if shouldStop() {
                try save()
                return .stopped
            }
            let steps = trainer.settings.steps
            try step(report)
            if trainer.settings.validates(after: progress.step) {
                // A validation can take minutes; a run that is killed meanwhile repeats it alone.
                progress.isValidationPending = true
                try save()
                latest = try validate(report)
                saved = .now
            } else if .now - saved >= saveEvery || trainer.settings.steps != steps {
                try save()
                saved = .now
            }
        }
        return .completed(latest)
    }

    /// Saves the state, unless the model has diverged: one that has would take the place of the last good one.
    private func save() throws {
        let window = corpus.train[0..<min(trainer.model.configuration.context, corpus.train.count)]
        guard trainer.model.frozen(window, batch: 1, .inference).values.allSatisfy(\.isFinite) else {
            throw TinyGPTError.evaluationDiverged
        }
        try logs.synchronize()
        try checkpoint().write(to: folder.lastCheckpointPath)
    }

    private func writePage(_ state: RunPage.State, _ report: (Event) throws -> Void) throws {
        if let reason = logs.writePage(state) { try report(.pageFailed(reason)) }
    }

    private func step(_ report: (Event) throws -> Void) throws {
        let start = ContinuousClock.now
        let result = try trainer.step()
        let duration = (ContinuousClock.now - start) / .seconds(1)
        let speed = Double(result.characters) / duration
        progress.step = result.step
        progress.seconds += duration
        try logs.append(result, tokensPerSecond: speed, seconds: progress.seconds)
        try report(.step(result, tokensPerSecond: speed))
    }

    /// Measures the loss on the whole validation text and saves the state, as the best one too if it is.
    ///
    /// The checkpoints come last, so that everything up to their step is in the logs and on the disk; a resumed run drops what
    /// is later. The best comes before the last: a run killed between the two resumes from the last and writes the best again.
    private func validate(_ report: (Event) throws -> Void) throws -> Evaluation? {
        let evaluation =
            corpus.validation.count == 0
            ? nil
            : try Evaluation(
                of: trainer.model, on: corpus.validation, lineBreak: corpus.lineBreak, processes: trainer.processes
            ) {
                try report(.validating($0))
            }
        progress.isValidationPending = nil
        let isBest = evaluation.map { $0.loss < progress.bestLoss ?? .infinity } ?? false
        if let evaluation {
            if isBest { (progress.bestLoss, progress.bestStep) = (evaluation.loss, progress.step) }
            progress.validationsSinceBest = isBest ? 0 : (progress.validationsSinceBest ?? 0) + 1
            try logs.append(evaluation, step: progress.step, seconds: progress.seconds)
            try recordAttention(evaluation)
        }
        let sample = try Self.sample(
            of: trainer.model, vocabulary, trainer.settings, number: progress.step, length: Self.sampleLength)
        try logs.append(sample: sample, step: progress.step, loss: evaluation?.loss)
        try logs.synchronize()
        let checkpoint = checkpoint()
        if isBest { try checkpoint.write(to: folder.bestCheckpointPath) }
        try checkpoint.write(to: folder.lastCheckpointPath)
        // Last, so that on a disk that is nearly full the checkpoints get the room.
        try keepWeights(checkpoint, report)
        try report(.validated(step: progress.step, evaluation, isBest: isBest, sample: sample))
        // The page of the end comes later.
        if progress.step < trainer.settings.steps { try writePage(.running, report) }
        return evaluation
    }

    private func keepWeights(_ checkpoint: Checkpoint, _ report: (Event) throws -> Void) throws {
        if let reason = logs.keepWeights(checkpoint) { try report(.snapshotFailed(step: progress.step, reason)) }
    }

    /// The end of the probe that fits into the context.
    private func tokens(of probe: ProbeLog) throws -> [Int32] {
        try vocabulary.encode(probe.text.unicodeScalars).suffix(trainer.model.configuration.context)
    }

    private func recordAttention(_ evaluation: Evaluation) throws {
        guard let probe = logs.probe else { return }
        let tokens = try tokens(of: probe)
        let snapshot = try AttentionSnapshot(trainer.model, tokens, step: progress.step, loss: evaluation.loss)
        try probe.append(snapshot)
        logs.page?.replaceAttention(by: snapshot, on: tokens)
    }

    private func checkpoint() -> Checkpoint {
        Checkpoint(
            trainer.model, trainer.optimizer, vocabulary: vocabulary, settings: trainer.settings, progress: progress,
            data: data)
    }
}
