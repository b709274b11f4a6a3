import Autograd
import Kernels

/// Masked multi-head self-attention (Vaswani et al. 2017, section 3.2): each position attends to itself and those before it.
///
/// The head output `softmax(Q K^T / sqrt(D)) V` of each head, side by side, then an output projection.
public struct CausalSelfAttention {
    /// Queries, keys and values, side by side. Shape: (C, 3C)
    public let queryKeyValue: Linear
    /// Normalizes and rotates queries and keys; nil where positions are added to the embedding.
    public let rotary: RotaryEmbedding?
    /// The output projection, which mixes the head outputs. Shape: (C, C)
    public let projection: Linear
    /// Attention heads H.
    public let heads: Int
    private let dropout: RandomDropout

    /// Makes the parameters under `qkv`, `query_norm` and `key_norm` if there are rotations, and `projection`.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - architecture: The kind of model, for the initialization of the projection.
    ///   - width: The width C, a multiple of `heads`.
    ///   - heads: Attention heads H, at least 1.
    ///   - layers: Blocks of the model, for the initialization of the projection.
    ///   - dropout: The probability of dropping an attention weight, from 0 up to, not including, 1.
    ///   - bias: Whether the linear layers have biases.
    ///   - rotations: Those of queries and keys, with the head width C / H; nil for none.
    /// - Throws: What the list throws.
    public init<Failure>(
        _ parameters: ParameterList<Failure>, _ architecture: Architecture = .classic, width: Int, heads: Int,
        layers: Int, dropout: Float, bias: Bool, rotations: Rotations? = nil
    ) throws(Failure) {
        precondition(heads > 0 && width % heads == 0, "\(heads) heads do not divide a width of \(width) evenly")
        precondition(
            rotations.map { $0.headWidth * heads == width } ?? true,
            "rotations of head width \(rotations?.headWidth ?? 0) for \(heads) heads of a width of \(width)")
        queryKeyValue = try Linear(parameters.scope("qkv"), inputs: width, outputs: 3 * width, bias: bias, sections: 3)
        rotary = try rotations.map { rotations throws(Failure) in
            try RotaryEmbedding(parameters, rotations: rotations)
        }
        projection = try Linear(
            parameters.scope("projection"), inputs: width, outputs: width, bias: bias,
            initialization: architecture.residualInitialization(layers: layers))
        self.heads = heads
        self.dropout = RandomDropout(parameters, rate: dropout)
    }

    /// Shape: (B, T, C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - x: The normalized residual stream.
    ///   - mode: Training or inference.
    ///   - observe: Called with queries, keys and values as they enter the scores, side by side. Shape: (B, T, 3C)
    /// - Returns: The projected head outputs.
    public func callAsFunction(_ x: Tensor, _ mode: Mode, observe: (Tensor) -> Void = { _ in }) -> Tensor {
        projection(headOutputs(x, mode, observe: observe))
    }

    /// The head outputs, side by side, before the projection mixes them.
    ///
    /// Shape: (B, T, C) -> (B, T, C); head h has the channels from h D on.
    public func headOutputs(_ x: Tensor, _ mode: Mode, observe: (Tensor) -> Void = { _ in }) -> Tensor {
        let projected = queryKeyValue(x)
        let mixed = rotary?(projected) ?? projected
        observe(mixed)
        return mixed.causalSelfAttention(heads: heads, dropout: dropout(mode))
    }

    /// Records the decode step: `h += self(x)` for one new token of each text, with the keys and values of those before it
    /// from the cache.
    package func decode(
        _ x: DecodeProgram.Activations, _ cache: KeyValueCache, addingTo h: DecodeProgram.Activations,
        in program: DecodeProgram
    ) {
        let mixed = program.columnParallel(
            x, queryKeyValue.weight.matrix, bias: queryKeyValue.bias?.buffer, sections: 3)
        rotary?.decode(mixed, in: program)
        let headOutputs = program.attend(mixed, cache)
        program.addRowParallel(headOutputs, projection.weight.matrix, bias: projection.bias?.buffer, to: h)
    }
}
