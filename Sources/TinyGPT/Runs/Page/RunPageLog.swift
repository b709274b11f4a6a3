import Foundation

/// Keeps what the page of a run shows while the run goes on, so that writing it reads nothing again.
final class RunPageLog {
    private let folder: RunFolder
    private let configuration: RunConfiguration
    private let settings: [RunPage.SettingRow]
    private let commands: [RunPage.CommandRow]
    private let corpus: Corpus
    private let vocabulary: Vocabulary
    private var training = ThinnedMetrics()
    private var validations = Thinned<MetricsLog.Row>(limit: 1000)
    private var bestValidation: MetricsLog.Row?
    private var samples = Thinned<RunPage.Sample>(limit: 200)
    private var lastRow: MetricsLog.Row?
    /// The losses of n-gram models, and the characters that were counted for them; none where nothing is validated.
    private let yardsticks: [Double]
    private let counted: Int

    /// - Parameters:
    ///   - folder: The run.
    ///   - configuration: Its settings.
    ///   - settings: The same as text, for a table.
    ///   - commands: What to go on with.
    ///   - corpus: The text.
    ///   - vocabulary: Turns characters into tokens and back.
    init(
        _ folder: RunFolder, _ configuration: RunConfiguration, settings: [RunPage.SettingRow],
        commands: [RunPage.CommandRow], corpus: Corpus, vocabulary: Vocabulary
    ) {
        (self.folder, self.configuration, self.settings, self.commands) = (folder, configuration, settings, commands)
        (self.corpus, self.vocabulary) = (corpus, vocabulary)
        (yardsticks, counted) = Self.countYardsticks(configuration, corpus)
    }

    /// Counts no more of the training text, from its end, than needs less memory than the training, which comes after.
    private static func countYardsticks(
        _ configuration: RunConfiguration, _ corpus: Corpus
    ) -> (losses: [Double], counted: Int) {
        let memory = min(
            MemoryEstimate.training(configuration.model, configuration.training), SystemMemory.available ?? .max)
        let count = min(
            corpus.train.count, NGramModels.characterLimit, memory / NGramModels.memory(characters: 1))
        guard corpus.validation.count > 1, count > 0 else { return ([], 0) }
        let text = corpus.train.part(corpus.train.count - count..<corpus.train.count)
        let models = NGramModels(text, vocabulary: configuration.model.vocabulary)
        // As much for the validation text, which takes as long.
        return (models.losses(on: corpus.validation.part(0..<min(corpus.validation.count, max(2, count)))), count)
    }

    /// Takes in what the run has logged before; of damaged logs, what is before the damage.
    func readLogs() {
        try? MetricsLog.forEachRow(of: folder.metricsPath) { append($0) }
        try? SamplesLog.forEachSample(of: folder.samplesPath, length: TrainingRun.sampleLength) { append(step: $0, $1) }
    }

    func append(_ row: MetricsLog.Row) {
        lastRow = row
        training.append(row)
        guard row.split == .validation else { return }
        validations.append(row)
        if row.loss < bestValidation?.loss ?? .infinity { bestValidation = row }
    }

    /// Adds a sample, compared with the training text: 15 ms for a million characters.
    func append(step: Int, _ sample: String) {
        guard let tokens = try? vocabulary.encode(sample.unicodeScalars) else { return }
        samples.append(RunPage.Sample(step: step, sample, VerbatimPassages(of: tokens, in: corpus.train)))
    }

    /// Writes the page, whole or not at all.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    func write(_ state: RunPage.State) throws { try AtomicFile.write(page(state).html(), to: folder.pagePath) }

    func page(_ state: RunPage.State) -> RunPage {
        var rows = validations.elements
        if let best = bestValidation, let place = rows.firstIndex(where: { $0.step >= best.step }), rows[place] != best
        {
            rows.insert(best, at: place)
        }
        let step = lastRow?.step ?? 0
        let course = TrainingCourse(
            state: state, step: step, steps: configuration.training.steps,
            validations: rows.map { .init(step: $0.step, loss: $0.loss) },
            training: training.points.map { .init(step: $0.step, loss: $0.loss) }, yardsticks: yardsticks,
            vocabulary: vocabulary.count)
        let problem: String? = if case .failed(let problem) = state { problem } else { nil }
        return RunPage(
            name: folder.name, state: state.name, problem: problem, verdict: course.verdict, step: step,
            steps: configuration.training.steps, evaluateEvery: configuration.training.evaluateEvery,
            written: Int(Date().timeIntervalSince1970), started: configuration.started,
            version: configuration.version, seconds: lastRow?.seconds ?? 0,
            best: bestValidation.map { .init(step: $0.step, loss: $0.loss) }, parameters: configuration.parameters,
            vocabulary: vocabulary.count, trained: corpus.train.count, validated: corpus.validation.count,
            files: configuration.data.files, yardsticks: yardsticks,
            counted: counted, training: .init(training.points),
            validations: .init(rows), samples: samples.elements, settings: settings, commands: commands)
    }
}
