import Autograd

/// One layer of the model: characters look at each other, then each thinks for itself. Both add to what was there.
public struct TransformerBlock {
    /// Normalises what attention sees.
    public let norm1: LayerNorm
    /// Where characters look at each other.
    public let attention: CausalSelfAttention
    /// Normalises what the feed-forward layer sees.
    public let norm2: LayerNorm
    /// Where each character is worked on by itself.
    public let feedForward: FeedForward
    private let attentionDropout: RandomDropout
    private let feedForwardDropout: RandomDropout

    /// Makes the parameters under `norm1`, `attention`, `norm2` and `feed_forward`.
    public init(_ parameters: ParameterList, width: Int, heads: Int, layers: Int, dropout: Float, bias: Bool) throws {
        norm1 = try LayerNorm(parameters.scope("norm1"), width: width, bias: bias)
        attention = try CausalSelfAttention(
            parameters.scope("attention"), width: width, heads: heads, layers: layers, dropout: dropout, bias: bias)
        attentionDropout = RandomDropout(parameters, rate: dropout)
        norm2 = try LayerNorm(parameters.scope("norm2"), width: width, bias: bias)
        feedForward = try FeedForward(parameters.scope("feed_forward"), width: width, layers: layers, bias: bias)
        feedForwardDropout = RandomDropout(parameters, rate: dropout)
    }

    /// `h + attention(norm1(h))`, then `h + feedForward(norm2(h))`.
    ///
    /// Shape: (B, T, C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - x: The characters.
    ///   - mode: What for.
    ///   - observe: Shown the queries, keys and values, side by side. Shape: (B, T, 3C)
    /// - Returns: The characters, each with what it has gathered and thought added.
    public func callAsFunction(_ x: Tensor, _ mode: Mode, observe: (Tensor) -> Void = { _ in }) -> Tensor {
        let h = x.addingResidual(attention(norm1(x), mode, observe: observe), dropout: attentionDropout(mode))
        return h.addingResidual(feedForward(norm2(h)), dropout: feedForwardDropout(mode))
    }

    /// The same in inference as if the heads had gathered something else than
    /// ``CausalSelfAttention/gather(_:_:observe:)`` says.
    ///
    /// Shape: (B, T, C), gathered (B, T, C) -> (B, T, C)
    package func callAsFunction(_ x: Tensor, gathered: Tensor) -> Tensor {
        let h = x.addingResidual(attention.projection(gathered), dropout: nil)
        return h.addingResidual(feedForward(norm2(h)), dropout: nil)
    }
}
