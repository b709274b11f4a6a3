/// The windows of a text, in order, that predict every token but the first exactly once.
///
/// All are `context` long but the last, which is as long as what remains and makes a batch of its own. Each begins `stride`
/// tokens after the one before. Where that is less than the context, windows overlap: what an earlier window has predicted
/// does not count again, so that every token but the first ones is predicted from more than `context - stride` tokens.
public struct Windows: Sequence, Sendable {
    /// Windows of one length, with the token that follows each token in them.
    public struct Batch: Equatable, Sendable {
        /// The tokens of the windows. Shape: (rows, length), row after row.
        public let inputs: [Int32]
        /// The tokens to predict, -1 for none. Shape: (rows, length), row after row.
        public let targets: [Int32]
        /// How many windows there are.
        public let rows: Int
        /// The length of each, in tokens.
        public let length: Int
        /// How many of the first targets of each an earlier window has predicted.
        public let overlap: Int
        /// The targets that no earlier window has predicted.
        public var predictionCount: Int { targets.count { $0 >= 0 } - rows * overlap }
    }

    private let tokens: TokenArray
    private let context: Int
    private let batch: Int
    private let stride: Int

    /// How many tokens are predicted in all.
    public var predictionCount: Int { Swift.max(0, tokens.count - 1) }

    /// Cuts tokens into windows.
    ///
    /// - Parameters:
    ///   - tokens: The tokens, in order.
    ///   - context: The length of a window, in tokens.
    ///   - batch: The most windows to deliver at a time.
    ///   - stride: Tokens between the beginnings of two windows; the context if nil.
    /// - Precondition: `context` and `batch` are positive, and the stride is 1 to the context.
    public init(tokens: TokenArray, context: Int, batch: Int, stride: Int? = nil) {
        precondition(batch > 0 && context > 0, "a batch needs windows and a length, got \(batch) of \(context)")
        let stride = stride ?? context
        precondition((1...context).contains(stride), "a stride of \(stride) in windows of \(context)")
        self.tokens = tokens
        self.context = context
        self.batch = batch
        self.stride = stride
    }

    /// The batches, from the first window to the last.
    public func makeIterator() -> AnyIterator<Batch> {
        // Where the next window begins, and how many tokens those before it have predicted.
        var (start, predicted) = (0, 0)
        return AnyIterator {
            guard predicted < predictionCount else { return nil }
            let left = predictionCount - start
            let (length, overlap) = (Swift.min(context, left), predicted - start)
            // The first window overlaps with none, unlike the others.
            let rows = overlap == context - stride ? Swift.min(batch, 1 + (left - length) / stride) : 1
            let starts = (0..<rows).map { start + $0 * stride }
            start += rows * stride
            predicted = start - stride + length
            return Batch(
                inputs: starts.flatMap { tokens[$0..<$0 + length] },
                targets: starts.flatMap { tokens[$0 + 1..<$0 + length + 1] }, rows: rows, length: length,
                overlap: overlap)
        }
    }
}
