import Layers

/// The windows of text that each step trains on, drawn at random with replacement.
///
/// They depend only on the seed and the step, so a resumed run draws the batches it would have drawn, and nothing has to
/// be saved for that.
public struct BatchSampler: Sendable {
    private let tokens: TokenArray
    private let rows: Int
    private let context: Int
    private let seed: UInt64

    /// Draws from tokens.
    ///
    /// - Parameters:
    ///   - tokens: The tokens to train on.
    ///   - batch: Windows in a batch.
    ///   - context: The length of a window, in tokens.
    ///   - seed: The seed of the run.
    /// - Precondition: There are more than `context` tokens; `batch` and `context` are positive.
    public init(tokens: TokenArray, batch: Int, context: Int, seed: UInt64) {
        precondition(batch > 0 && context > 0, "a batch needs windows and a length, got \(batch) of \(context)")
        precondition(tokens.count > context, "\(tokens.count) tokens hold no window of \(context) and its target")
        self.tokens = tokens
        self.rows = batch
        self.context = context
        self.seed = seed
    }

    /// The windows of a step and, for every token in them, the one that follows.
    ///
    /// Shape: inputs and targets (batch, context), row after row.
    ///
    /// - Parameter step: The step, counting from 0.
    /// - Returns: The tokens of the windows, and the token to predict at each place.
    /// - Precondition: `step` is not negative.
    public func batch(at step: Int) -> (inputs: [Int32], targets: [Int32]) {
        precondition(step >= 0, "a step is never negative, got \(step)")
        var random = RandomStream(seed: seed, purpose: .data, counter: UInt64(step))
        var inputs: [Int32] = []
        var targets: [Int32] = []
        inputs.reserveCapacity(rows * context)
        targets.reserveCapacity(rows * context)
        for _ in 0..<rows {
            let start = random.below(tokens.count - context)
            inputs += tokens[start..<start + context]
            targets += tokens[start + 1..<start + context + 1]
        }
        return (inputs, targets)
    }
}
