import Foundation
import Layers

/// How well a model predicts a text.
public struct Evaluation: Equatable, Sendable {
    /// The mean cross-entropy in nats per character.
    public let loss: Double
    /// How many characters were predicted.
    public let characters: Int

    /// The same in bits per character.
    public var bitsPerCharacter: Double { loss / log(2) }

    /// How many equally likely characters would be as hard to guess.
    public var perplexity: Double { exp(loss) }

    /// Predicts every character of a text but the first exactly once, in windows of the model's context one after the
    /// other, each character weighing the same.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - tokens: The text, of at least two characters.
    ///   - progress: Called now and then with the fraction done.
    /// - Throws: `.failure` if the model's numbers have grown so large that the loss is none.
    public init(of model: GPT, on tokens: [Int32], progress: (Double) -> Void = { _ in }) throws {
        let context = model.configuration.context
        // Enough rows to keep every thread busy, few enough to stay small.
        let windows = Windows(tokens: tokens, context: context, batch: max(1, 4096 / context))
        let model = model.frozen
        var sum = 0.0
        var count = 0
        for batch in windows {
            let losses = model(batch.inputs, batch: batch.rows, .inference).crossEntropies(batch.targets)
            sum += losses.values.reduce(0) { $0 + Double($1) }
            count += batch.targets.count
            progress(Double(count) / Double(windows.predictionCount))
        }
        guard sum.isFinite else {
            throw TinyGPTError(
                .failure,
                """
                the model has diverged: its loss on the text is not a finite number. Checkpoints from before are kept.
                Train with a smaller --learning-rate or a longer --warmup.
                """)
        }
        loss = sum / Double(count)
        characters = count
    }
}
