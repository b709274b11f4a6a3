import Foundation
import Layers

/// The loss of a model on a whole text.
public struct Evaluation: Equatable, Sendable {
    /// The mean cross-entropy in nats per character.
    public let loss: Double
    /// The predicted characters: all but the first.
    public let characters: Int

    /// The loss in bits per character: loss / ln 2.
    public var bitsPerCharacter: Double { loss / log(2) }

    /// exp(loss): the number of equally likely characters that would be as hard to guess.
    public var perplexity: Double { exp(loss) }

    /// A change of the loss below this, in nats per character, is chance, or too little to see in a sample.
    package static let noise = 0.01

    /// The characters that an evaluation predicts at once: as many whole windows as fit in 4096, or one longer window. That
    /// keeps every thread busy, with activations that are small.
    ///
    /// - Parameter context: The model's context, at least 1.
    /// - Returns: A multiple of the context.
    public static func positions(context: Int) -> Int {
        precondition(context > 0, "a context of \(context) characters")
        return max(1, 4096 / context) * context
    }

    /// Predicts every character of a text but the first exactly once, in windows of the model's context, each character weighing
    /// the same. The same number every time.
    ///
    /// Windows one after another take the least time, but the first characters of each are predicted from little. With a smaller
    /// stride windows overlap, and all but the first characters of the text are predicted from at least `context - stride`: the
    /// loss of a trained model is lower, and the time `context / stride` times as long.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - tokens: The text, at least two characters.
    ///   - stride: Characters between the beginnings of two windows; the context if nil.
    ///   - lineBreak: The token between lines that are texts of their own, each predicted alone; nil where the text is one.
    ///   - processes: The processes that share the windows, each with the same model and text.
    ///   - progress: Called after each batch of windows with the fraction done.
    /// - Throws: ``TinyGPTError/tooShortToMeasure(characters:)``, ``TinyGPTError/evaluationDiverged`` if the loss is not finite,
    ///   and what `progress` throws.
    /// - Precondition: The stride is 1 to the context.
    public init(
        of model: GPT, on tokens: TokenArray, stride: Int? = nil, lineBreak: Int32? = nil,
        processes: Processes = .one, progress: (Double) throws -> Void = { _ in }
    ) throws {
        guard tokens.count >= 2 else { throw TinyGPTError.tooShortToMeasure(characters: tokens.count) }
        let context = model.configuration.context
        let rows = Self.positions(context: context) / context
        if let lineBreak {
            let lines = LineWindows(tokens, lineBreak: lineBreak)
            try self.init(
                of: model, on: lines.batches(of: rows), predictionCount: lines.predictionCount, processes, progress)
        } else {
            let windows = Windows(tokens: tokens, context: context, batch: rows, stride: stride)
            try self.init(of: model, on: windows, predictionCount: windows.predictionCount, processes, progress)
        }
    }

    private init(
        of model: GPT, on batches: some Sequence<Windows.Batch>, predictionCount: Int, _ processes: Processes,
        _ progress: (Double) throws -> Void
    ) throws {
        processes.announce(.validate)
        let model = model.frozen
        var sums: [Double] = []
        var count = 0
        var interruption: Result<Void, any Error> = .success(())
        for (number, batch) in batches.enumerated() {
            count += batch.predictionCount
            guard number % processes.count == processes.number else { continue }
            let losses = model(batch.inputs, batch: batch.rows, .inference).crossEntropies(batch.targets).values
            let counted = losses.indices.lazy.filter { batch.targets[$0] >= 0 && $0 % batch.length >= batch.overlap }
            sums.append(counted.reduce(0) { $0 + Double(losses[$1]) })
            // The first failure stays.
            if case .success = interruption {
                interruption = Result { try progress(Double(count) / Double(predictionCount)) }
            }
            if case .failure = interruption, processes.count == 1 { break }
        }
        // The other processes wait for this one.
        let all = processes.gather(sums)
        try interruption.get()
        let inOrder = (0..<all[0].count).flatMap { round in all.compactMap { round < $0.count ? $0[round] : nil } }
        let sum = inOrder.reduce(0, +)
        guard sum.isFinite else { throw TinyGPTError.evaluationDiverged }
        loss = sum / Double(count)
        characters = count
    }
}
