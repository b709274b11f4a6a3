import Foundation

/// Keeps what the page of a run shows while the run goes on, so that writing it reads nothing again.
final class RunPageLog {
    private let folder: RunFolder
    private var configuration: RunConfiguration
    private var settings: [RunPage.SettingRow]
    private var commands: [RunPage.CommandRow]
    private let corpus: Corpus
    private let vocabulary: Vocabulary
    // Twice the width of a chart in pixels shows no more.
    private var metrics = MetricsSummary(points: (steps: 1500, validations: 1000))
    private var samples = Thinned<RunPage.Sample>(limit: 200)
    private var attention: RunPage.Attention?
    /// The losses of n-gram models, and the characters that were counted for them; none where nothing is validated.
    private let yardsticks: [Double]
    private let counted: Int

    /// Takes in what the run has logged before; of damaged logs, what is before the damage.
    ///
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
        (yardsticks, counted) = Self.countYardsticks(configuration.model, configuration.training, corpus)
        try? MetricsLog.forEachRow(of: folder.metricsPath) { append($0) }
        try? SamplesLog.forEachSample(of: folder.samplesPath, length: TrainingRun.sampleLength) { append(step: $0, $1) }
    }

    /// Counts no more of the training text, from its end, than needs less memory than the training, which comes after; or only a
    /// part of that.
    static func countYardsticks(
        _ configuration: GPT.Configuration, _ settings: TrainingSettings, _ corpus: Corpus, part: Double = 1
    ) -> (losses: [Double], counted: Int) {
        let memory = min(
            MemoryEstimate.training(
                configuration, settings, characters: corpus.train.count + corpus.validation.count),
            SystemMemory.available ?? .max)
        let most = min(corpus.train.count, NGramModels.characterLimit, memory / NGramModels.memory(characters: 1))
        let count = Int(part * Double(most))
        guard corpus.validation.count > 1, count > 0 else { return ([], 0) }
        let text = corpus.train.part(corpus.train.count - count..<corpus.train.count)
        let models = NGramModels(text, vocabulary: configuration.vocabulary)
        // As much for the validation text, which takes as long.
        let validated = min(corpus.validation.count, max(2, most))
        return (models.losses(on: corpus.validation.part(0..<max(2, Int(part * Double(validated))))), count)
    }

    /// Replaces what the page says of the run's settings.
    func describe(_ configuration: RunConfiguration, settings: [RunPage.SettingRow], commands: [RunPage.CommandRow]) {
        (self.configuration, self.settings, self.commands) = (configuration, settings, commands)
    }

    func append(_ row: MetricsLog.Row) { metrics.append(row) }

    /// Adds a sample, compared with the training text: 15 ms for a million characters.
    func append(step: Int, _ sample: String) {
        guard let tokens = try? vocabulary.encode(sample.unicodeScalars) else { return }
        samples.append(
            corpus.lineBreak.map {
                RunPage.Sample(step: step, sample, linesOf: tokens, in: corpus.train, lineBreak: $0)
            } ?? RunPage.Sample(step: step, sample, VerbatimPassages(of: tokens, in: corpus.train)))
    }

    /// Replaces the attention.
    ///
    /// - Parameters:
    ///   - snapshot: On the text of the probe.
    ///   - tokens: That text, of which the end fits into the context.
    func replaceAttention(by snapshot: AttentionSnapshot, on tokens: [Int32]) {
        attention = RunPage.Attention(
            step: snapshot.step, layers: configuration.model.layers, heads: configuration.model.heads,
            characters: tokens.map { vocabulary.decode([$0]) },
            maps: snapshot.maps.count <= RunPage.Attention.limit ? snapshot.maps : nil)
    }

    /// Writes the page, whole or not at all.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    func write(_ state: RunPage.State) throws { try AtomicFile.write(page(state).html(), to: folder.pagePath) }

    /// The validations that are kept, with the best among them.
    private var validations: [MetricsLog.Row] {
        var rows = metrics.validations.elements
        if let best = metrics.bestValidation, let place = rows.firstIndex(where: { $0.step >= best.step }),
            rows[place] != best
        {
            rows.insert(best, at: place)
        }
        return rows
    }

    /// The losses so far.
    func course(_ state: RunPage.State) -> TrainingCourse {
        TrainingCourse(
            state: state, step: metrics.last?.step ?? 0, steps: configuration.training.steps,
            validations: validations.map { .init(step: $0.step, loss: $0.loss) },
            training: metrics.points.points.map { .init(step: $0.step, loss: $0.loss) }, yardsticks: yardsticks,
            vocabulary: vocabulary.count)
    }

    func page(_ state: RunPage.State) -> RunPage {
        let course = course(state)
        let problem: String? = if case .failed(let problem) = state { problem } else { nil }
        return RunPage(
            name: folder.name, state: state.name, problem: problem, verdict: course.verdict, step: course.step,
            steps: configuration.training.steps, evaluateEvery: configuration.training.evaluateEvery,
            written: Int(Date().timeIntervalSince1970), started: configuration.started,
            version: configuration.version, seconds: metrics.seconds ?? 0,
            best: metrics.bestValidation.map(RunSummary.Measurement.init), parameters: configuration.parameters,
            vocabulary: vocabulary.count, trained: corpus.train.count, validated: corpus.validation.count,
            files: configuration.data.files, yardsticks: yardsticks,
            counted: counted, training: .init(metrics.points.points),
            validations: .init(validations), samples: samples.elements, attention: attention, settings: settings,
            commands: commands)
    }
}
