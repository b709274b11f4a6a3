import Autograd

/// Masked multi-head self-attention (Vaswani et al. 2017, section 3.2): every character gathers from those before it.
public struct CausalSelfAttention {
    /// Makes queries, keys and values, side by side. Shape: (C, 3C)
    public let queryKeyValue: Linear
    /// Mixes what the heads have gathered. Shape: (C, C)
    public let projection: Linear
    /// How many heads share the channels.
    public let heads: Int
    private let dropout: RandomDropout

    /// Makes the parameters under `qkv` and `projection`.
    ///
    /// - Parameters:
    ///   - parameters: Where the parameters are made and written down.
    ///   - width: Channels; a multiple of `heads`.
    ///   - heads: How many heads share the channels.
    ///   - layers: How many blocks the model has, for the initialisation.
    ///   - dropout: The probability with which a weight is dropped.
    ///   - bias: Whether the products have biases.
    /// - Throws: What the list throws.
    public init(_ parameters: ParameterList, width: Int, heads: Int, layers: Int, dropout: Float, bias: Bool) throws {
        queryKeyValue = try Linear(parameters.scope("qkv"), inputs: width, outputs: 3 * width, bias: bias)
        projection = try Linear(
            parameters.scope("projection"), inputs: width, outputs: width, bias: bias,
            initialisation: .residual(layers: layers))
        self.heads = heads
        self.dropout = RandomDropout(parameters, rate: dropout)
    }

    /// Shape: (B, T, C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - x: The characters.
    ///   - mode: What for.
    ///   - observe: Shown the queries, keys and values, side by side. Shape: (B, T, 3C)
    /// - Returns: What every character has gathered, mixed.
    public func callAsFunction(_ x: Tensor, _ mode: Mode, observe: (Tensor) -> Void = { _ in }) -> Tensor {
        projection(gather(x, mode, observe: observe))
    }

    /// What the heads have gathered, side by side, before the projection mixes it.
    ///
    /// Shape: (B, T, C) -> (B, T, C); head h fills the channels from h C/H on.
    public func gather(_ x: Tensor, _ mode: Mode, observe: (Tensor) -> Void = { _ in }) -> Tensor {
        let mixed = queryKeyValue(x)
        observe(mixed)
        return mixed.causalSelfAttention(heads: heads, dropout: dropout(mode))
    }
}
