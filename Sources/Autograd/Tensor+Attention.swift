import Kernels

extension Tensor {
    /// Causal multi-head self-attention over queries, keys and values side by side (Vaswani et al. 2017, section 3.2):
    /// softmax(Q K^T / sqrt(D)) V for each head, with positions after the query masked.
    ///
    /// Shape: (B, T, 3C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - heads: Attention heads H.
    ///   - dropout: Dropout of the attention weights; nil drops none.
    /// - Returns: The head outputs, side by side: head h has the channels from h D on.
    /// - Precondition: The tensor has three axes, H is at least 1, and the innermost size is a multiple of 3H.
    public func causalSelfAttention(heads: Int, dropout: Dropout? = nil) -> Tensor {
        let (input, mask, attention) = (buffer, dropout?.mask, attentionShape(heads: heads))
        let output = Buffer(uninitialized: attention.outputCount)
        let logSums = Buffer(uninitialized: attention.rowCount)
        AttentionKernel.forward(input, attention, mask: mask, output: output, logSums: logSums)
        return .recorded(
            "attention", shape: shape.replacingLast(with: attention.width), buffer: output, inputs: [self]
        ) { gradient in
            let inputGradient = Buffer(uninitialized: input.count)
            AttentionKernel.backward(
                input, attention, mask: mask, output: output, logSums: logSums, outputGradient: gradient,
                gradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The attention weights of ``causalSelfAttention(heads:dropout:)`` before dropout, by the same kernel, as constants.
    ///
    /// Shape: (B, T, 3C) -> `weights` (B, H, T, T), one row per query, 0 for masked positions; `logSums` (B, H, T), the
    /// logarithm of the sum of the exponentials of each query's scores
    ///
    /// - Parameter heads: Attention heads H.
    /// - Returns: The weights and the logarithms.
    /// - Precondition: As for ``causalSelfAttention(heads:dropout:)``.
    public func causalSelfAttentionWeights(heads: Int) -> (weights: Tensor, logSums: Tensor) {
        let attention = attentionShape(heads: heads)
        let weights = Buffer(uninitialized: attention.rowCount * attention.time)
        let logSums = Buffer(uninitialized: attention.rowCount)
        AttentionKernel.forward(
            buffer, attention, output: Buffer(uninitialized: attention.outputCount), logSums: logSums, weights: weights)
        return (
            Tensor(shape: [attention.batch, heads, attention.time, attention.time], buffer: weights),
            Tensor(shape: [attention.batch, heads, attention.time], buffer: logSums)
        )
    }

    /// B, H, T and D of queries, keys and values side by side.
    package func attentionShape(heads: Int) -> AttentionShape {
        let (batch, time, triple) = shape3
        precondition(
            heads > 0 && triple % (3 * heads) == 0,
            "\(shape) is not queries, keys and values for \(heads) heads side by side")
        return AttentionShape(batch: batch, heads: heads, time: time, headWidth: triple / 3 / heads)
    }
}
