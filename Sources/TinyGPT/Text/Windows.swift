/// The consecutive windows of a text, in order and without overlap, that predict every token but the first exactly once.
///
/// All are `context` long but the last, which is as long as what remains and makes a batch of its own.
public struct Windows: Sequence, Sendable {
    /// Windows of one length, with the token that follows each token in them.
    public struct Batch: Equatable, Sendable {
        /// The tokens of the windows. Shape: (rows, length), row after row.
        public let inputs: [Int32]
        /// The tokens to predict. Shape: (rows, length), row after row.
        public let targets: [Int32]
        /// How many windows there are.
        public let rows: Int
        /// The length of each, in tokens.
        public let length: Int
    }

    private let tokens: TokenArray
    private let context: Int
    private let batch: Int

    /// How many tokens are predicted in all.
    public var predictionCount: Int { Swift.max(0, tokens.count - 1) }

    /// Cuts tokens into windows.
    ///
    /// - Parameters:
    ///   - tokens: The tokens, in order.
    ///   - context: The length of a window, in tokens.
    ///   - batch: The most windows to deliver at a time.
    /// - Precondition: `context` and `batch` are positive.
    public init(tokens: TokenArray, context: Int, batch: Int) {
        precondition(batch > 0 && context > 0, "a batch needs windows and a length, got \(batch) of \(context)")
        self.tokens = tokens
        self.context = context
        self.batch = batch
    }

    /// The batches, from the first window to the last.
    public func makeIterator() -> AnyIterator<Batch> {
        var start = 0
        return AnyIterator {
            let left = predictionCount - start
            guard left > 0 else { return nil }
            let length = Swift.min(context, left)
            let rows = Swift.min(batch, left / length)
            let end = start + rows * length
            // Without overlap, the windows one after the other are simply the text.
            let inputs = tokens[start..<end]
            let targets = tokens[start + 1..<end + 1]
            start = end
            return Batch(inputs: inputs, targets: targets, rows: rows, length: length)
        }
    }
}
