import Autograd
import Layers

/// A character-level generative transformer: a pre-norm decoder in the manner of GPT-2 (Radford et al. 2019), with
/// sinusoidal positions.
public struct GPT {
    /// The sizes.
    public let configuration: Configuration
    /// All parameters with their names.
    public let parameters: [NamedParameter]
    package let embedding: Embedding
    package let positions: PositionalEncoding
    package let blocks: [TransformerBlock]
    package let norm: LayerNorm
    /// The output layer, stored like the embedding, which it is if the two are tied. Shape: (V, C)
    package let head: Tensor
    private let dropout: RandomDropout

    /// Makes a model.
    ///
    /// - Parameters:
    ///   - configuration: The sizes.
    ///   - list: Where the parameters come from.
    /// - Throws: `.usage` for sizes that no model can have, and whatever the list throws.
    public init(_ configuration: Configuration, parameters list: ParameterList) throws {
        try configuration.validate()
        let (width, layers) = (configuration.width, configuration.layers)
        self.configuration = configuration
        embedding = try Embedding(list.scope("embedding"), vocabulary: configuration.vocabulary, width: width)
        positions = PositionalEncoding(context: configuration.context, width: width)
        dropout = RandomDropout(list, rate: configuration.dropout)
        blocks = try (0..<layers).map { layer in
            try TransformerBlock(
                list.scope("blocks.\(layer)"), width: width, heads: configuration.heads, layers: layers,
                dropout: configuration.dropout, bias: configuration.bias)
        }
        norm = try LayerNorm(list.scope("norm"), width: width, bias: configuration.bias)
        head =
            configuration.tied
            ? embedding.weight
            : try list.scope("head").make("weight", shape: [configuration.vocabulary, width], .matrix)
        parameters = list.all
    }

    /// Makes a model that knows nothing yet: its parameters start at random.
    ///
    /// - Parameters:
    ///   - configuration: The sizes.
    ///   - seed: The start of the random numbers.
    /// - Throws: `.usage` for sizes that no model can have.
    public init(_ configuration: Configuration, seed: UInt64) throws {
        try self.init(configuration, parameters: ParameterList(seed: seed))
    }

    /// The logits of the character after each.
    ///
    /// Shape: tokens (B, T), row after row -> (B, T, V)
    public func callAsFunction(_ tokens: [Int32], batch: Int, _ mode: Mode) -> Tensor {
        var h = embed(tokens, batch: batch).dropout(dropout(mode))
        for block in blocks { h = block(h, mode) }
        return logits(h)
    }

    /// The mean cross-entropy of the characters that should follow, in nats.
    ///
    /// Shape: tokens and targets (B, T), row after row -> ()
    public func loss(_ tokens: [Int32], targets: [Int32], batch: Int, _ mode: Mode) -> Tensor {
        self(tokens, batch: batch, mode).crossEntropy(targets)
    }

    /// Characters and where they stand, as vectors.
    ///
    /// Shape: tokens (B, T), row after row -> (B, T, C)
    package func embed(_ tokens: [Int32], batch: Int, from start: Int = 0) -> Tensor {
        precondition(tokens.count % batch == 0, "\(tokens.count) tokens are no \(batch) texts of one length")
        return positions(embedding(tokens, shape: [batch, tokens.count / batch]), from: start)
    }

    /// What the output layer makes of vectors.
    ///
    /// Shape: (..., C) -> (..., V)
    package func logits(_ h: Tensor) -> Tensor { norm(h).matmul(transposed: head) }

    /// The same model with constant parameters, which records no graph. It shares their memory, and so follows training.
    public var frozen: GPT {
        get throws {
            let tensors = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.tensor.constant) })
            return try GPT(configuration, parameters: ParameterList { name, _, _ in tensors[name]! })
        }
    }

    /// How many numbers are learned.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.shape.count } }
}
