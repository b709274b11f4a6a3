import Foundation

@testable import TinyGPT

/// A suite that trains a tiny model on a tiny text.
protocol TinyTraining {}

extension TinyTraining {
    static var text: [Unicode.Scalar] {
        Array(String(repeating: "to be or not to be, that is the question. ", count: 12).unicodeScalars)
    }

    static func corpus() throws -> (Corpus, Vocabulary) {
        let vocabulary = Vocabulary(text: text)
        return (try Corpus(TokenArray(vocabulary.encode(text)), vocabulary, context: 8), vocabulary)
    }

    /// Settings of a short training; for a model with tables, with Muon, shuffled windows and two batches a step.
    static func settings(
        steps: Int, evaluateEvery: Int = 1000, rate: Double = 1e-2, _ kind: ModelKind = .classic
    ) -> TrainingSettings {
        let isPlain = kind.tables == .none
        return TrainingSettings(
            batch: 3, accumulation: isPlain ? 1 : 2, batches: isPlain ? .random : .shuffled, steps: steps,
            schedule: .init(peak: rate, minimum: 1e-3, warmup: 5, shape: isPlain ? .cosine : .linear),
            optimizerKind: isPlain ? .adamw : .muon, evaluateEvery: evaluateEvery, seed: 11)
    }

    static func trainer(
        _ settings: TrainingSettings, _ kind: ModelKind = ModelKind(bias: true)
    ) throws -> Trainer {
        let (corpus, vocabulary) = try corpus()
        let model = try GPT(
            kind.configuration(vocabulary: vocabulary.count, width: 16, context: 8, dropout: 0.1), seed: settings.seed)
        return Trainer(model, tokens: corpus.train, settings)
    }

    static func weights(_ trainer: Trainer) -> [[Float]] { trainer.model.parameters.map(\.tensor.values) }

    static func temporaryFolder() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("tinygpt-\(UUID().uuidString)").path
    }

    static func run(
        in path: String, _ settings: TrainingSettings, _ kind: ModelKind = ModelKind(bias: true), probe: String? = nil
    ) throws -> TrainingRun {
        let (corpus, vocabulary) = try corpus()
        return try TrainingRun(
            in: try RunFolder.create(at: path), try trainer(settings, kind), corpus: corpus, vocabulary: vocabulary,
            data: .init(sha256: "0", files: []), probe: probe)
    }
}
