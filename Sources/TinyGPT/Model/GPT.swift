import Autograd
import Kernels
import Layers

/// A character-level generative transformer: a pre-norm decoder in the manner of GPT-2 (Radford et al. 2019) with sinusoidal
/// positions, or in that of today's open models with rotary ones (``Architecture``).
public struct GPT {
    /// The sizes and the architecture.
    public let configuration: Configuration
    /// All parameters with their names, in the order in which they were made: the one list that optimizers, checkpoints and
    /// counts walk.
    public let parameters: [NamedParameter]
    package let embedding: Embedding
    /// What is added to the embedding; nil where queries and keys are rotated instead.
    package let positions: PositionalEncoding?
    package let tables: [NGramTable]
    package let blocks: [TransformerBlock]
    package let finalNorm: Norm
    /// The LM head, stored like the embedding, which it is if the two are tied. Shape: (V, C)
    package let lmHead: Tensor
    /// The rotations that all blocks share; nil in a classic model.
    private let rotations: Rotations?
    private let dropout: RandomDropout

    /// A model with parameters from a list, such as one that reads them from a file.
    ///
    /// - Parameters:
    ///   - configuration: The sizes and the architecture.
    ///   - list: The source of the parameters, empty so far; asked for each one by name and shape.
    /// - Throws: What ``Configuration/validate()`` throws, and what the list throws.
    public init<Failure>(_ configuration: Configuration, parameters list: ParameterList<Failure>) throws {
        try configuration.validate()
        try self.init(valid: configuration, list)
    }

    /// - Parameters:
    ///   - configuration: The sizes, valid.
    ///   - list: The source of the parameters.
    ///   - positions: The table of positions of a model of the same sizes; computed if nil.
    ///   - rotations: Its rotations; made if nil.
    /// - Throws: What the list throws.
    private init<Failure>(
        valid configuration: Configuration, _ list: ParameterList<Failure>, positions: PositionalEncoding? = nil,
        rotations: Rotations? = nil
    ) throws(Failure) {
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
            architecture == .modern ? rotations ?? Rotations(context: context, headWidth: width / heads) : nil
        self.rotations = rotations
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
        // Last, because no parameter from a file bounds the context: a missing one fails before a table of it is made.
        self.positions =
            architecture == .classic ? positions ?? PositionalEncoding(context: context, width: width) : nil
        parameters = list.all
    }

    /// An untrained model. Matrices start as N(0, 0.02), residual projections of a classic model smaller by
    /// 1/sqrt(2 layers) (GPT-2: Radford et al. 2019, section 2.3), those of a modern one as zero; gains as 1, biases as 0.
    ///
    /// - Parameters:
    ///   - configuration: The sizes and the architecture.
    ///   - seed: The seed of the random numbers; the same seed gives the same parameters.
    /// - Throws: What ``Configuration/validate()`` throws.
    public init(_ configuration: Configuration, seed: UInt64) throws {
        try self.init(configuration, parameters: ParameterList(seed: seed))
    }

    /// The logits of the token after each: the forward pass.
    ///
    /// Shape: tokens (B, T), row after row -> (B, T, V)
    ///
    /// - Parameters:
    ///   - tokens: The tokens of all texts, each at least 0 and below V; T is at most the context.
    ///   - batch: The number of texts B.
    ///   - mode: Training, with dropout, or inference.
    /// - Returns: The logits; softmax over the last axis makes them probabilities.
    /// - Precondition: The number of tokens is a multiple of `batch`.
    public func callAsFunction(_ tokens: [Int32], batch: Int, _ mode: Mode) -> Tensor {
        logits(residualStream(tokens, batch: batch, mode))
    }

    /// Called after each block with its number, with queries, keys and values as they entered its scores, side by side, and
    /// with the residual stream after it.
    ///
    /// Shape: queries, keys and values (B, T, 3C), residual stream (B, T, C)
    package typealias BlockObserver = (_ layer: Int, _ queryKeyValue: Tensor, _ h: Tensor) -> Void

    /// The residual stream after the last block.
    ///
    /// Shape: tokens (B, T), row after row -> (B, T, C)
    package func residualStream(
        _ tokens: [Int32], batch: Int, _ mode: Mode, observe: BlockObserver? = nil
    ) -> Tensor {
        residualStream(embed(tokens, batch: batch).dropout(dropout(mode)), from: 0, mode, observe: observe)
    }

    /// The residual stream after the last block, continued from that before the block `layer`.
    ///
    /// Shape: (B, T, C) -> (B, T, C)
    package func residualStream(
        _ h: Tensor, from layer: Int, _ mode: Mode, observe: BlockObserver? = nil
    ) -> Tensor {
        blocks.enumerated().dropFirst(layer).reduce(h) { h, block in
            guard let observe else { return block.element(h, mode) }
            var queryKeyValue: Tensor?
            let next = block.element(h, mode) { queryKeyValue = $0 }
            observe(block.offset, queryKeyValue!, next)
            return next
        }
    }

    /// The mean cross-entropy of the target tokens, -log softmax(logits)[target], in nats per token.
    ///
    /// Shape: tokens and targets (B, T), row after row -> ()
    ///
    /// - Parameters:
    ///   - tokens: The tokens of all texts, each at least 0 and below V; T is at most the context.
    ///   - targets: For each token the one that follows it; -1 where none is to be predicted.
    ///   - batch: The number of texts B.
    ///   - mode: Training, with dropout, or inference.
    /// - Returns: The loss, from which gradients flow to ``parameters``.
    /// - Precondition: There are as many targets as tokens, a multiple of `batch`, and not all of them are -1.
    public func loss(_ tokens: [Int32], targets: [Int32], batch: Int, _ mode: Mode) -> Tensor {
        self(tokens, batch: batch, mode).crossEntropy(targets)
    }

    /// The start of the residual stream: the embeddings of tokens, plus their positions where these are not rotations, before
    /// dropout.
    ///
    /// Shape: tokens (B, T), row after row -> (B, T, C)
    package func embed(_ tokens: [Int32], batch: Int) -> Tensor {
        precondition(
            batch > 0 && tokens.count % batch == 0,
            "\(tokens.count) tokens are not \(batch) texts of the same length")
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
    ///
    /// - Precondition: There is a cache for each block.
    package func decode(_ caches: [KeyValueCache], in program: DecodeProgram) {
        precondition(caches.count == blocks.count, "\(caches.count) caches for \(blocks.count) blocks")
        let h = program.embed(
            ([embedding.weight] + tables.map(\.weight)).map(\.matrix), positions: positions?.table.matrix)
        for (block, cache) in zip(blocks, caches) { block.decode(h, cache, in: program) }
        program.logits(finalNorm.decode(h, in: program), lmHead.matrix.transposed)
    }

    /// The same model with constant parameters, which records no graph. It shares their memory and the tables of positions, and
    /// so follows training.
    public var frozen: GPT {
        let tensors = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.tensor.constant) })
        return GPT(
            valid: configuration, ParameterList<Never> { name, _, _ in tensors[name]! }, positions: positions,
            rotations: rotations)
    }

    /// The number of learned values.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.shape.count } }
}
