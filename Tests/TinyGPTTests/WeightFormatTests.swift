import Foundation
import Testing

@testable import TinyGPT

@Suite("Sampling with weights in fewer bits")
struct WeightFormatTests {
    /// A model that has learned something of a text, and the part of it that was held out.
    private static func trained(_ kind: ModelKind) throws -> (model: GPT, validation: [Int32]) {
        let file = try String(contentsOfFile: "data/shakespeare.txt", encoding: .utf8)
        let text = Array(file.unicodeScalars.prefix(20_000))
        let vocabulary = Vocabulary(text: text)
        let corpus = try Corpus(TokenArray(vocabulary.encode(text)), vocabulary, context: 32)
        let model = try GPT(
            kind.configuration(vocabulary: vocabulary.count, heads: 4, width: 80, context: 32), seed: 1)
        let trainer = Trainer(
            model, tokens: corpus.train,
            TrainingSettings(batch: 8, steps: 60, schedule: .init(peak: 3e-3, minimum: 0, warmup: 10)))
        for _ in 0..<60 { _ = try trainer.step() }
        return (trainer.model, Array(corpus.validation.array.prefix(500)))
    }

    /// The probabilities of every next token of a text, by decode steps wherever sampling would take one.
    private static func probabilities(
        _ model: GPT, _ text: [Int32], _ weights: WeightFormat
    ) -> [[Double]] {
        let sampler = Sampler(temperature: 1)
        let generator = Generator(model, prompt: [text[0]], sampler: sampler, seed: 1, weights: weights)
        return text.dropFirst().map { token in
            defer { generator.append([token]) }
            return sampler.probabilities(generator.logits()[0])
        }
    }

    @Test(
        "The likeliest character is the same 99 times in 100, and the divergence below 1e-3 nats a character",
        arguments: [ModelKind(bias: true), ModelKind(architecture: .modern, tables: .trigram)])
    func accuracy(kind: ModelKind) throws {
        let (model, text) = try Self.trained(kind)
        let exact = Self.probabilities(model, text, .f32)
        let measured = [WeightFormat.bf16, .q8].map { weights in
            let pairs = zip(exact, Self.probabilities(model, text, weights))
            let same = pairs.filter { p, q in
                p.indices.max { p[$0] < p[$1] } == q.indices.max { q[$0] < q[$1] }
            }
            let divergence = pairs.reduce(0) { sum, pair in
                zip(pair.0, pair.1).reduce(sum) { $0 + $1.0 * log($1.0 / $1.1) }
            }
            return (same: Double(same.count) / Double(exact.count), divergence: divergence / Double(exact.count))
        }
        for (same, divergence) in measured {
            #expect(same >= 0.99)
            #expect(divergence > 0 && divergence <= 1e-3)
        }
        #expect(measured[0].divergence < measured[1].divergence)
    }
}
