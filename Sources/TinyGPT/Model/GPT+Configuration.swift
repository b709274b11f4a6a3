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
        /// The tables of n-grams that are added to the embedding.
        public var tables: Tables {
            get { storedTables ?? .none }
            set { storedTables = newValue == .none ? nil : newValue }
        }
        private var storedTables: Tables?

        /// Tables of n-grams.
        public enum Tables: String, CaseIterable, Codable, Sendable {
            /// None.
            case none
            /// One of pairs.
            case bigram
            /// One of pairs and one of triples.
            case trigram

            /// The orders of the tables.
            var orders: [Int] {
                switch self {
                case .none: []
                case .bigram: [2]
                case .trigram: [2, 3]
                }
            }
        }

        /// The names in checkpoints.
        private enum CodingKeys: String, CodingKey {
            case vocabulary, layers, heads, width, context, dropout, bias, tied
            case storedArchitecture = "architecture"
            case storedTables = "tables"
        }

        /// Sizes, not validated: ``validate()`` checks them, and so does every initializer of a model.
        ///
        /// - Parameters:
        ///   - vocabulary: V, the different characters, 1 to 1,112,064.
        ///   - layers: Transformer blocks, 1 to 64.
        ///   - heads: H, the attention heads of each block, 1 to 64; a divisor of the width, with an even quotient in a modern
        ///     model.
        ///   - width: C, the channels of the residual stream (d_model), 1 to 16,384.
        ///   - context: The longest window in characters, 1 to 65,536.
        ///   - dropout: The probability of dropping a value in training, at least 0 and below 1.
        ///   - bias: Whether linear layers and layer norms have biases; false in a modern model.
        ///   - tied: Whether the LM head is the embedding (Press and Wolf 2017).
        ///   - architecture: The kind of decoder.
        ///   - tables: The tables of n-grams that are added to the embedding.
        public init(
            vocabulary: Int, layers: Int, heads: Int, width: Int, context: Int, dropout: Float = 0, bias: Bool = false,
            tied: Bool = false, architecture: Architecture = .classic, tables: Tables = .none
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
            self.tables = tables
        }

        /// The number of learned values of a model of these sizes, computed without making one; the largest `Int` where it would
        /// be larger.
        public var parameterCount: Int {
            // In modern models queries and keys have norms of their own.
            let headNorms = architecture == .modern ? 2 * layers * (width / heads) : 0
            let norms = (2 * layers + 1) * width * (bias ? 2 : 1) + headNorms
            let biases = bias ? 9 * width * layers : 0
            let vocabularies = vocabulary.multipliedOrMax(by: width * (tied ? 1 : 2))
            return [norms, hiddenParameterCount, biases, vocabularies, tableParameterCount]
                .reduce(0) { $0.addedOrMax($1) }
        }

        /// The learned values of the matrices inside blocks: queries, keys and values; the projection; up and down, and in
        /// modern models the gate.
        var hiddenParameterCount: Int {
            let feedForward =
                (architecture == .modern ? 3 : 2) * FeedForward.hiddenWidth(architecture, width: width)
            return width.multipliedOrMax(by: 4 * width + feedForward).multipliedOrMax(by: layers)
        }

        /// The floating-point operations of training on one token, by the usual formula (Chowdhery et al. 2022, "PaLM", appendix
        /// B): for every weight of a matrix product 6, a multiplication and an addition in the forward pass and in both products
        /// of the backward pass; and 12 L C T for the scores and sums of attention, as if it were not causal.
        package var operationsPerToken: Double {
            6 * Double(hiddenParameterCount + vocabulary * width) + 12 * Double(layers * width * context)
        }

        /// The learned values of the tables of n-grams.
        var tableParameterCount: Int { width * tableRows.reduce(0, +) }

        /// The rows of each table of n-grams.
        var tableRows: [Int] { tables.orders.map { NGramTable.rows(order: $0, vocabulary: vocabulary) } }

        /// The sizes that a model can have, from the command line and from files alike. No product of three overflows.
        package enum Limits {
            /// At most every Unicode scalar.
            package static let vocabulary = 1...1_112_064
            package static let layers = 1...64
            package static let heads = 1...64
            package static let width = 1...16384
            package static let context = 1...65536
            package static let dropout = NumberRange.from(0, below: 1)
        }

        /// Checks the sizes.
        ///
        /// - Throws: ``TinyGPTError/invalidSize(name:size:largest:)``,
        ///   ``TinyGPTError/headsDoNotDivideWidth(heads:width:)``, ``TinyGPTError/invalidDropout(_:)``,
        ///   ``TinyGPTError/oddHeadWidth(heads:width:)`` or ``TinyGPTError/biasesInModernModel``.
        public func validate() throws {
            let sizes = [
                ("vocabulary", vocabulary, Limits.vocabulary), ("layers", layers, Limits.layers),
                ("heads", heads, Limits.heads), ("width", width, Limits.width), ("context", context, Limits.context),
            ]
            for (name, size, range) in sizes where !range.contains(size) {
                throw TinyGPTError.invalidSize(name: name, size: size, largest: range.upperBound)
            }
            guard width % heads == 0 else { throw TinyGPTError.headsDoNotDivideWidth(heads: heads, width: width) }
            guard Limits.dropout.contains(Double(dropout)) else { throw TinyGPTError.invalidDropout(dropout) }
            guard architecture == .modern else { return }
            guard width / heads % 2 == 0 else { throw TinyGPTError.oddHeadWidth(heads: heads, width: width) }
            guard !bias else { throw TinyGPTError.biasesInModernModel }
        }
    }
}
