import Layers

extension GPT {
    /// The sizes of a model.
    public struct Configuration: Codable, Equatable, Sendable {
        /// V, the different characters.
        public var vocabulary: Int
        /// Transformer blocks, at least 1.
        public var layers: Int
        /// H, the attention heads of each block; a divisor of the width.
        public var heads: Int
        /// C, the channels of the residual stream (d_model).
        public var width: Int
        /// The longest window in characters.
        public var context: Int
        /// The probability of dropping a value in training, from 0 up to, not including, 1.
        public var dropout: Float
        /// Whether linear layers and layer norms have biases; a modern model has none.
        public var bias: Bool
        /// Whether the LM head is the embedding.
        public var tied: Bool
        /// The kind of decoder.
        public var architecture: Architecture {
            get { storedArchitecture ?? .classic }
            set { storedArchitecture = newValue == .classic ? nil : newValue }
        }
        /// Nil for a classic model, which is stored as it was before there was a choice.
        private var storedArchitecture: Architecture?

        /// The names in checkpoints.
        private enum CodingKeys: String, CodingKey {
            case vocabulary, layers, heads, width, context, dropout, bias, tied
            case storedArchitecture = "architecture"
        }

        /// Sizes, not yet validated.
        public init(
            vocabulary: Int, layers: Int, heads: Int, width: Int, context: Int, dropout: Float = 0, bias: Bool = false,
            tied: Bool = false, architecture: Architecture = .classic
        ) {
            self.vocabulary = vocabulary
            self.layers = layers
            self.heads = heads
            self.width = width
            self.context = context
            self.dropout = dropout
            self.bias = bias
            self.tied = tied
            self.architecture = architecture
        }

        /// Far beyond what a CPU can train, and small enough for no product of two sizes to overflow.
        private static let largestSize = 1 << 21

        /// Checks the sizes.
        ///
        /// - Throws: ``TinyGPTError/invalidSize(name:size:largest:)``,
        ///   ``TinyGPTError/headsDoNotDivideWidth(heads:width:)``, ``TinyGPTError/invalidDropout(_:)``,
        ///   ``TinyGPTError/oddHeadWidth(heads:width:)`` or ``TinyGPTError/biasesInModernModel``.
        public func validate() throws {
            let sizes = [
                ("vocabulary", vocabulary), ("layers", layers), ("heads", heads), ("width", width),
                ("context", context),
            ]
            for (name, size) in sizes where !(1...Self.largestSize).contains(size) {
                throw TinyGPTError.invalidSize(name: name, size: size, largest: Self.largestSize)
            }
            guard width % heads == 0 else { throw TinyGPTError.headsDoNotDivideWidth(heads: heads, width: width) }
            guard dropout >= 0, dropout < 1 else { throw TinyGPTError.invalidDropout(dropout) }
            guard architecture == .modern else { return }
            guard width / heads % 2 == 0 else { throw TinyGPTError.oddHeadWidth(heads: heads, width: width) }
            guard !bias else { throw TinyGPTError.biasesInModernModel }
        }
    }
}
