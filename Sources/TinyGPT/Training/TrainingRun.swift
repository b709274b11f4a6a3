import Foundation

/// A training that is kept in a run folder: every loss in a table, the last and the best state in checkpoints.
public struct TrainingRun {
    /// Where everything is kept.
    public let folder: RunFolder
    /// What makes the steps.
    public private(set) var trainer: Trainer
    /// How far it has come.
    public private(set) var progress: Checkpoint.Progress
    private let corpus: Corpus
    private let vocabulary: Vocabulary
    private let data: Checkpoint.DataDescription
    private let metrics: MetricsLog
    private let probe: ProbeLog?

    /// The length of the samples that are kept, in characters.
    private static let sampleLength = 200

    /// What happens in a run.
    public enum Event {
        /// A step was made.
        case step(Trainer.Report, tokensPerSecond: Double)
        /// The fraction of the validation text that has been predicted.
        case validating(Double)
        /// The whole validation text was predicted, and a sample drawn.
        case validated(step: Int, Evaluation, isBest: Bool, sample: String)
    }

    /// Begins a run in a new folder.
    ///
    /// - Parameters:
    ///   - folder: Where to keep it; empty.
    ///   - trainer: What makes the steps.
    ///   - corpus: The text.
    ///   - vocabulary: What its tokens mean.
    ///   - data: Where it is from.
    ///   - probe: A text on which the attention is kept at every validation.
    /// - Throws: `.cannotCreate` when its files cannot be made.
    public init(
        in folder: RunFolder, _ trainer: Trainer, corpus: Corpus, vocabulary: Vocabulary,
        data: Checkpoint.DataDescription, probe: String? = nil
    ) throws {
        try self.init(
            folder, trainer, Checkpoint.Progress(), corpus, vocabulary, data,
            try MetricsLog(creatingAt: folder.metricsPath),
            try probe.map { try ProbeLog(creatingAt: folder.probePath, text: $0) })
    }

    /// Goes on with a run from a checkpoint.
    ///
    /// - Parameters:
    ///   - folder: Where it is kept.
    ///   - checkpoint: Where to go on from.
    ///   - corpus: The text, the same as before.
    ///   - settings: How to go on.
    /// - Throws: `.badData` for a damaged checkpoint or table, `.cannotCreate` and `.inputOutput`.
    public init(
        resuming folder: RunFolder, from checkpoint: Checkpoint, corpus: Corpus, settings: TrainingSettings
    ) throws {
        try self.init(
            folder, try checkpoint.trainer(tokens: corpus.train, settings: settings), checkpoint.progress, corpus,
            checkpoint.vocabulary, checkpoint.data,
            try MetricsLog(resumingAt: folder.metricsPath, after: checkpoint.progress.step),
            folder.hasProbe ? try ProbeLog(resumingAt: folder.probePath, after: checkpoint.progress.step) : nil)
    }

    private init(
        _ folder: RunFolder, _ trainer: Trainer, _ progress: Checkpoint.Progress, _ corpus: Corpus,
        _ vocabulary: Vocabulary, _ data: Checkpoint.DataDescription, _ metrics: MetricsLog,
        _ probe: ProbeLog?
    ) throws {
        self.folder = folder
        self.trainer = trainer
        self.progress = progress
        self.corpus = corpus
        self.vocabulary = vocabulary
        self.data = data
        self.metrics = metrics
        self.probe = probe
    }

    /// Trains until all steps are made, validating and saving on the way.
    ///
    /// - Parameters:
    ///   - shouldStop: Asked between steps; the run then saves its state and returns.
    ///   - report: Told what happens.
    /// - Returns: The validation loss of the model as it is now, nil if the run was stopped.
    /// - Throws: `.failure` when training diverges, and what writing the files throws.
    /// - Precondition: There are steps left to make, or none was made yet.
    public mutating func run(
        shouldStop: () -> Bool = { false }, report: (Event) throws -> Void
    ) throws -> Evaluation? {
        let settings = trainer.settings
        var latest: Evaluation?
        if progress.step == 0 { latest = try validate(report) }
        while progress.step < settings.steps {
            if shouldStop() {
                try save(to: folder.lastCheckpointPath)
                return nil
            }
            try step(report)
            if progress.step % settings.evaluateEvery == 0 || progress.step == settings.steps {
                latest = try validate(report)
            }
        }
        return latest
    }

    private mutating func step(_ report: (Event) throws -> Void) throws {
        let start = ContinuousClock.now
        let result = try trainer.step()
        let duration = (ContinuousClock.now - start) / .seconds(1)
        let speed = Double(trainer.settings.batch * trainer.model.configuration.context) / duration
        progress.step = result.step
        progress.seconds += duration
        try metrics.append(
            MetricsLog.Row(
                step: result.step, split: .train, loss: result.loss, learningRate: result.learningRate,
                gradientNorm: result.gradientNorm, tokensPerSecond: speed, seconds: progress.seconds))
        try report(.step(result, tokensPerSecond: speed))
    }

    /// Measures the loss on the whole validation text and saves, the best state so far a second time.
    ///
    /// The best comes first: who is killed between the two goes on from the last, and makes the best again.
    private mutating func validate(_ report: (Event) throws -> Void) throws -> Evaluation {
        let evaluation = try Evaluation(of: trainer.model, on: corpus.validation) { try? report(.validating($0)) }
        let isBest = progress.bestLoss.map { evaluation.loss < $0 } ?? true
        if isBest {
            progress.bestLoss = evaluation.loss
            progress.bestStep = progress.step
        }
        try metrics.append(
            MetricsLog.Row(step: progress.step, split: .validation, loss: evaluation.loss, seconds: progress.seconds))
        if let probe {
            let tokens = try vocabulary.encode(probe.text.unicodeScalars).suffix(trainer.model.configuration.context)
            try probe.append(trainer.model, Array(tokens), step: progress.step, loss: evaluation.loss)
        }
        if isBest { try save(to: folder.bestCheckpointPath) }
        try save(to: folder.lastCheckpointPath)
        let sample = try sample()
        try OutputFile(path: folder.samplesPath, flags: O_CREAT | O_APPEND).append(
            "--- step \(progress.step), validation loss \(evaluation.loss) ---\n\(sample)\n\n")
        try report(.validated(step: progress.step, evaluation, isBest: isBest, sample: sample))
        return evaluation
    }

    /// What the model writes after a line break at this point of the training.
    private func sample() throws -> String {
        let start = vocabulary.index(of: "\n") ?? 0
        let generator = Generator(
            trainer.model, prompt: [start], sampler: Sampler(temperature: 0.8), seed: trainer.settings.seed,
            numbers: progress.step..<progress.step + 1)
        return vocabulary.decode((0..<Self.sampleLength).map { _ in generator.next() })
    }

    private func save(to path: String) throws {
        try Checkpoint(trainer, vocabulary: vocabulary, progress: progress, data: data).write(to: path)
    }
}
