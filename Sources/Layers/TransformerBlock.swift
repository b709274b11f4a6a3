import Autograd
import Kernels

/// One pre-norm transformer block: attention moves information between positions, then a feed-forward layer works on each
/// position by itself. Both add to the residual stream.
public struct TransformerBlock {
    /// Normalizes the input of attention.
    public let norm1: Norm
    /// Moves information between positions.
    public let attention: CausalSelfAttention
    /// Normalizes the input of the feed-forward layer.
    public let norm2: Norm
    /// Works on each position by itself.
    public let feedForward: FeedForward
    private let attentionDropout: RandomDropout
    private let feedForwardDropout: RandomDropout

    /// Makes the parameters under `norm1`, `attention`, `norm2` and `feed_forward`.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - architecture: The kind of model.
    ///   - width: The width C, a multiple of `heads`.
    ///   - heads: Attention heads H, at least 1.
    ///   - layers: Blocks of the model, at least 1, for the initialization of matrices that add to the residual stream.
    ///   - dropout: The probability of dropping a value, from 0 up to, not including, 1.
    ///   - bias: Whether linear layers and layer norms have biases; modern blocks have none.
    ///   - rotations: Those of queries and keys, with the head width C / H; nil for none.
    /// - Throws: What the list throws.
    public init<Failure>(
        _ parameters: ParameterList<Failure>, _ architecture: Architecture = .classic, width: Int, heads: Int,
        layers: Int, dropout: Float, bias: Bool, rotations: Rotations? = nil
    ) throws(Failure) {
        norm1 = try Norm(parameters.scope("norm1"), architecture, width: width, bias: bias)
        attention = try CausalSelfAttention(
            parameters.scope("attention"), architecture, width: width, heads: heads, layers: layers, dropout: dropout,
            bias: bias, rotations: rotations)
        attentionDropout = RandomDropout(parameters, rate: dropout)
        norm2 = try Norm(parameters.scope("norm2"), architecture, width: width, bias: bias)
        feedForward = try FeedForward(
            parameters.scope("feed_forward"), architecture, width: width, layers: layers, bias: bias)
        feedForwardDropout = RandomDropout(parameters, rate: dropout)
    }

    /// `h = x + attention(norm1(x))`, then `h + feedForward(norm2(h))`.
    ///
    /// Shape: (B, T, C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - x: The residual stream.
    ///   - mode: Training or inference.
    ///   - observe: Called with queries, keys and values as they enter the scores, side by side. Shape: (B, T, 3C)
    /// - Returns: The residual stream after the block.
    public func callAsFunction(_ x: Tensor, _ mode: Mode, observe: (Tensor) -> Void = { _ in }) -> Tensor {
        self(x, mode, attended: attention(norm1(x), mode, observe: observe))
    }

    /// The block with the head outputs given, such as those of ``CausalSelfAttention/headOutputs(_:_:observe:)`` without one
    /// head: head ablation.
    ///
    /// Shape: (B, T, C), head outputs (B, T, C) -> (B, T, C)
    package func callAsFunction(_ x: Tensor, _ mode: Mode, headOutputs: Tensor) -> Tensor {
        self(x, mode, attended: attention.projection(headOutputs))
    }

    /// The block, with what its neurons do.
    ///
    /// Shape: (B, T, C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - x: The residual stream.
    ///   - mode: Training or inference.
    ///   - observe: Called with the hidden activations of the feed-forward layer. Shape: (B, T, F)
    /// - Returns: The residual stream after the block.
    package func observingNeurons(_ x: Tensor, _ mode: Mode, _ observe: @escaping (Tensor) -> Void) -> Tensor {
        self(x, mode, attended: attention(norm1(x), mode), observeNeurons: observe)
    }

    /// What follows attention.
    private func callAsFunction(
        _ x: Tensor, _ mode: Mode, attended: Tensor, observeNeurons: ((Tensor) -> Void)? = nil
    ) -> Tensor {
        let h = x.addingResidual(attended, dropout: attentionDropout(mode))
        return h.addingResidual(
            feedForward(norm2(h), observe: observeNeurons), dropout: feedForwardDropout(mode))
    }

    /// Records the decode step: the block for one new token of each text, in place.
    ///
    /// - Parameters:
    ///   - h: The residual stream.
    ///   - cache: Keys and values of the tokens before.
    ///   - program: The program to extend.
    package func decode(_ h: DecodeProgram.Activations, _ cache: KeyValueCache, in program: DecodeProgram) {
        program.scope { attention.decode(norm1.decode(h, in: program), cache, addingTo: h, in: program) }
        program.scope { feedForward.decode(norm2.decode(h, in: program), addingTo: h, in: program) }
    }
}
