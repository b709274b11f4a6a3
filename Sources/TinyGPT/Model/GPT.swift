import Autograd
import Kernels
import Layers

/// A character-level generative transformer: a pre-norm decoder in the manner of GPT-2 (Radford et al. 2019) with sinusoidal
/// positions, or in that of today's open models with rotary ones (``Layers/Architecture``).
public struct GPT {
    /// The model's sizes and kind.
    public let configuration: Configuration
    /// All parameters with their names.
    public let parameters: [NamedParameter]
    package let embedding: Embedding
    /// What is added to the embedding; nil where queries and keys are rotated instead.
    package let positions: PositionalEncoding?
    package let tables: [NGramTable]
    package let blocks: [TransformerBlock]
    package let finalNorm: Norm
    /// The LM head, stored like the embedding, which it is if the two are tied. Shape: (V, C)
    package let lmHead: Tensor
    private let dropout: RandomDropout

    /// A model with parameters from a list.
    ///
    /// - Parameters:
    ///   - configuration: The model's sizes and kind.
    ///   - list: The source of the parameters, empty so far.
    /// - Throws: `TinyGPTError` for an invalid configuration, and what the list throws.
    public init<Failure>(_ configuration: Configuration, parameters list: ParameterList<Failure>) throws {
        try configuration.validate()
        try self.init(valid: configuration, list)
    }

    private init<Failure>(valid configuration: Configuration, _ list: ParameterList<Failure>) throws(Failure) {
        let (architecture, width) = (configuration.architecture, configuration.width)
        let (layers, heads, context) = (configuration.layers, configuration.heads, configuration.context)
        self.configuration = configuration
        embedding = try Embedding(list.scope("embedding"), vocabulary: configuration.vocabulary, width: width)
        tables = try configuration.tables.orders.map { order throws(Failure) in
            try NGramTable(
                list.scope(order == 2 ? "bigrams" : "trigrams"), order: order, vocabulary: configuration.vocabulary,
                width: width)
        }
        let rotations =
            architecture == .modern ? RotaryEmbedding.rotations(context: context, headWidth: width / heads) : nil
        dropout = RandomDropout(list, rate: configuration.dropout)
        blocks = try (0..<layers).map { layer throws(Failure) in
            try TransformerBlock(
                list.scope("blocks.\(layer)"), architecture, width: width, heads: heads, layers: layers,
                dropout: configuration.dropout, bias: configuration.bias, rotations: rotations)
        }
        finalNorm = try Norm(list.scope("norm"), architecture, width: width, bias: configuration.bias)
        lmHead =
            configuration.tied
            ? embedding.weight
            : try list.scope("head").make("weight", shape: [configuration.vocabulary, width], .matrix)
        // Last, because no parameter from a file bounds the context: a wrong width fails before a table of it is made.
        positions = architecture == .classic ? PositionalEncoding(context: context, width: width) : nil
        parameters = list.all
    }

    /// An untrained model, with random parameters.
    ///
    /// - Parameters:
    ///   - configuration: The model's sizes and kind.
    ///   - seed: The seed of the random numbers; the same seed gives the same parameters.
    /// - Throws: `TinyGPTError` for an invalid configuration.
    public init(_ configuration: Configuration, seed: UInt64) throws {
        try self.init(configuration, parameters: ParameterList(seed: seed))
    }

    /// The logits of the token after each.
    ///
    /// Shape: tokens (B, T), row after row -> (B, T, V)
    ///
    /// - Parameters:
    ///   - tokens: The tokens of all texts; T is at most the context.
    ///   - batch: The number of texts B.
    ///   - mode: Training or inference.
    /// - Returns: The logits.
    public func callAsFunction(_ tokens: [Int32], batch: Int, _ mode: Mode) -> Tensor {
        var h = embed(tokens, batch: batch).dropout(dropout(mode))
        for block in blocks { h = block(h, mode) }
        return logits(h)
    }

    /// The mean cross-entropy of the target tokens, in nats.
    ///
    /// Shape: tokens and targets (B, T), row after row -> ()
    public func loss(_ tokens: [Int32], targets: [Int32], batch: Int, _ mode: Mode) -> Tensor {
        self(tokens, batch: batch, mode).crossEntropy(targets)
    }

    /// The start of the residual stream: the embeddings of tokens, plus their positions where these are not rotations, before
    /// dropout.
    ///
    /// Shape: tokens (B, T), row after row -> (B, T, C)
    package func embed(_ tokens: [Int32], batch: Int) -> Tensor {
        precondition(tokens.count % batch == 0, "\(tokens.count) tokens are not \(batch) texts of the same length")
        let shape: Shape = [batch, tokens.count / batch]
        let h = tables.reduce(embedding(tokens, shape: shape)) { $0 + $1(tokens, shape: shape) }
        return positions?(h) ?? h
    }

    /// The final norm and the LM head.
    ///
    /// Shape: (..., C) -> (..., V)
    package func logits(_ h: Tensor) -> Tensor { finalNorm(h).matmul(transposed: lmHead) }

    /// Records the decode step: the forward pass in inference for one new token of each text, with the keys and values of
    /// the tokens before it from a KV cache for each block.
    package func decode(_ caches: [KeyValueCache], in program: DecodeProgram) {
        let h = program.embed(embedding.weight.matrix, positions: positions?.table.matrix)
        for (block, cache) in zip(blocks, caches) { block.decode(h, cache, in: program) }
        program.logits(finalNorm.decode(h, in: program), lmHead.matrix.transposed)
    }

    /// The same model with constant parameters, which records no graph. It shares their memory, and so follows training.
    public var frozen: GPT {
        let tensors = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.tensor.constant) })
        return GPT(valid: configuration, ParameterList<Never> { name, _, _ in tensors[name]! })
    }

    /// The number of learned values.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.shape.count } }
}
