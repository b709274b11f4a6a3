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
    private let metrics: MetricsLog
    private let samples: SamplesLog
    private let probe: ProbeLog?

    /// The length of the samples in `samples.txt`, in characters.
    private static let sampleLength = 200

    /// An event of a run.
    public enum Event {
        /// A step was made.
        case step(Trainer.Report, tokensPerSecond: Double)
        /// A validation is under way; the fraction of the text that has been predicted.
        case validating(Double)
        /// A validation is complete, a sample drawn and the checkpoints written.
        case validated(step: Int, Evaluation, isBest: Bool, sample: String)
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
    /// - Throws: ``TinyGPTError/invalidSettings(problem:)`` for settings of the trainer that are out of range, before anything is
    ///   created, or ``TinyGPTError/cannotCreate(_:reason:)``.
    public convenience init(
        in folder: RunFolder, _ trainer: Trainer, corpus: Corpus, vocabulary: Vocabulary,
        data: Checkpoint.DataDescription, probe: String? = nil
    ) throws {
        try trainer.settings.validate()
        self.init(
            folder, trainer, Checkpoint.Progress(), corpus, vocabulary, data,
            try MetricsLog(creatingAt: folder.metricsPath), try SamplesLog(creatingAt: folder.samplesPath),
            try probe.map { try ProbeLog(creatingAt: folder.probePath, text: $0) })
        AtomicFile.synchronizeFolder(folder.path)
    }

    /// Resumes a run from a checkpoint.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - checkpoint: The state to continue from, read for training.
    ///   - corpus: The text, the same as before.
    ///   - settings: The hyperparameters to continue with.
    /// - Throws: ``TinyGPTError`` for settings that are out of range, for a damaged checkpoint or table, or when a file cannot be written.
    public convenience init(
        resuming folder: RunFolder, from checkpoint: Checkpoint, corpus: Corpus, settings: TrainingSettings
    ) throws {
        try settings.validate()
        // What is no regular file could not be replaced after the steps are made, and a pipe would be waited for.
        if folder.hasBestCheckpoint { _ = try InputFile(path: folder.bestCheckpointPath) }
        let progress = checkpoint.progress
        // An imported model comes without a log.
        let logged = progress.step == 0 && progress.bestStep == nil ? nil : progress.step
        let trainer = try checkpoint.trainer(tokens: corpus.train, settings: settings)
        let metrics = try MetricsLog(resumingAt: folder.metricsPath, after: logged)
        let validation = metrics.lastValidation ?? progress.bestStep
        let samples = try SamplesLog(
            resumingAt: folder.samplesPath, after: progress.step, validatedAt: validation,
            sampleLength: Self.sampleLength)
        let probe =
            folder.hasProbe
            ? try ProbeLog(resumingAt: folder.probePath, from: checkpoint, validatedAt: validation) : nil
        self.init(
            folder, trainer, progress, corpus, checkpoint.vocabulary, checkpoint.data, metrics, samples, probe)
    }

    private init(
        _ folder: RunFolder, _ trainer: Trainer, _ progress: Checkpoint.Progress, _ corpus: Corpus,
        _ vocabulary: Vocabulary, _ data: Checkpoint.DataDescription, _ metrics: MetricsLog,
        _ samples: SamplesLog, _ probe: ProbeLog?
    ) {
        self.folder = folder
        self.trainer = trainer
        self.progress = progress
        self.corpus = corpus
        self.vocabulary = vocabulary
        self.data = data
        self.metrics = metrics
        self.samples = samples
        self.probe = probe
    }

    /// Trains until all steps are made, validating and saving on the way.
    ///
    /// - Parameters:
    ///   - shouldStop: Called between steps; if it returns true, the run saves its state and returns.
    ///   - report: Called with every event.
    /// - Returns: The validation loss after the last step; nil if the run was stopped.
    /// - Throws: ``TinyGPTError`` when training diverges or a file cannot be written, and what `report` throws.
    /// - Precondition: There are steps left to make, or the initial state has not been validated yet.
    public func run(
        shouldStop: () -> Bool = { false }, report: (Event) throws -> Void
    ) throws -> Evaluation? {
        let settings = trainer.settings
        var latest: Evaluation?
        // A run killed after its first checkpoint has validated the initial state already.
        if progress.step == 0, progress.bestStep == nil { latest = try validate(report) }
        while progress.step < settings.steps {
            if shouldStop() {
                try synchronizeLogs()
                try checkpoint().write(to: folder.lastCheckpointPath)
                return nil
            }
            try step(report)
            if settings.validates(after: progress.step) {
                latest = try validate(report)
            }
        }
        return latest
    }

    private func step(_ report: (Event) throws -> Void) throws {
        let start = ContinuousClock.now
        let result = try trainer.step()
        let duration = (ContinuousClock.now - start) / .seconds(1)
        let windows = trainer.settings.batch * trainer.settings.accumulation
        let speed = Double(windows * trainer.model.configuration.context) / duration
        progress.step = result.step
        progress.seconds += duration
        try metrics.append(
            MetricsLog.Row(
                step: result.step, split: .train, loss: result.loss, learningRate: result.learningRate,
                gradientNorm: result.gradientNorm, tokensPerSecond: speed, seconds: progress.seconds))
        try report(.step(result, tokensPerSecond: speed))
    }

    /// Measures the loss on the whole validation text and saves the state, as the best one too if it is.
    ///
    /// The checkpoints come last, so that everything up to their step is in the logs and on the disk; a resumed run drops what
    /// is later. The best comes before the last: a run killed between the two resumes from the last and writes the best again.
    private func validate(_ report: (Event) throws -> Void) throws -> Evaluation {
        let evaluation = try Evaluation(of: trainer.model, on: corpus.validation) { try report(.validating($0)) }
        let isBest = progress.bestLoss.map { evaluation.loss < $0 } ?? true
        if isBest {
            progress.bestLoss = evaluation.loss
            progress.bestStep = progress.step
        }
        try metrics.append(
            MetricsLog.Row(step: progress.step, split: .validation, loss: evaluation.loss, seconds: progress.seconds))
        if let probe {
            let tokens = try vocabulary.encode(probe.text.unicodeScalars).suffix(trainer.model.configuration.context)
            try probe.append(
                AttentionSnapshot(trainer.model, Array(tokens), step: progress.step, loss: evaluation.loss))
        }
        let sample = try sample()
        try samples.append(step: progress.step, loss: evaluation.loss, sample)
        try synchronizeLogs()
        let checkpoint = checkpoint()
        if isBest { try checkpoint.write(to: folder.bestCheckpointPath) }
        try checkpoint.write(to: folder.lastCheckpointPath)
        try report(.validated(step: progress.step, evaluation, isBest: isBest, sample: sample))
        return evaluation
    }

    /// A sample after a line break, by the model as it is now.
    private func sample() throws -> String {
        let generator = Generator(
            trainer.model, prompt: [vocabulary.startToken], sampler: Sampler(temperature: Sampler.defaultTemperature),
            seed: trainer.settings.seed,
            numbers: progress.step..<progress.step + 1)
        return vocabulary.decode(try (0..<Self.sampleLength).map { _ in try generator.next() })
    }

    /// Makes the logs survive a power failure as the checkpoint will that is saved next: three small files, together 0.6 ms on a
    /// virtual machine's disk, where a checkpoint takes 6.
    private func synchronizeLogs() throws {
        try metrics.synchronize()
        try samples.synchronize()
        try probe?.synchronize()
    }

    private func checkpoint() -> Checkpoint {
        Checkpoint(
            trainer.model, trainer.optimizer, vocabulary: vocabulary, settings: trainer.settings, progress: progress,
            data: data)
    }
}
