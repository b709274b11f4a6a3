extension GPT {
    /// The sizes of a model.
    public struct Configuration: Codable, Equatable, Sendable {
        /// Different characters.
        public var vocabulary: Int
        /// Transformer blocks.
        public var layers: Int
        /// Attention heads in each block; they divide the width.
        public var heads: Int
        /// Channels.
        public var width: Int
        /// The most characters that the model sees at once.
        public var context: Int
        /// The probability with which an activation is dropped in training.
        public var dropout: Float
        /// Whether linear layers and layer norms have biases.
        public var bias: Bool
        /// Whether the output layer is the embedding.
        public var tied: Bool

        /// Creates a configuration.
        public init(
            vocabulary: Int, layers: Int, heads: Int, width: Int, context: Int, dropout: Float = 0, bias: Bool = false,
            tied: Bool = false
        ) {
            self.vocabulary = vocabulary
            self.layers = layers
            self.heads = heads
            self.width = width
            self.context = context
            self.dropout = dropout
            self.bias = bias
            self.tied = tied
        }

        /// Far beyond what a CPU can train, and small enough for no product of two sizes to overflow.
        private static let largestSize = 1 << 21

        /// Checks that a model can have these sizes.
        ///
        /// - Throws: `.usage`, with what is wrong.
        public func validate() throws {
            let sizes = [("layers", layers), ("heads", heads), ("width", width), ("context", context)]
            for (name, size) in sizes + [("vocabulary", vocabulary)] where !(1...Self.largestSize).contains(size) {
                throw TinyGPTError(
                    .usage, "a model with \(size) \(name) cannot be; expected \(name) from 1 to \(Self.largestSize)")
            }
            guard width % heads == 0 else {
                let below = width / heads * heads
                let nearest = below > 0 ? "\(below) or \(below + heads)" : "\(heads)"
                throw TinyGPTError(
                    .usage,
                    "\(heads) heads cannot share a width of \(width) evenly; try --width \(nearest), or other --heads")
            }
            guard dropout >= 0, dropout < 1 else {
                throw TinyGPTError(
                    .usage, "a dropout of \(dropout) is not a probability from 0 up to, not including, 1")
            }
        }
    }
}
