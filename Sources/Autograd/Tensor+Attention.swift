import Kernels

extension Tensor {
    /// Causal multi-head self-attention over queries, keys and values side by side (Vaswani et al. 2017, section 3.2):
    /// softmax(Q K^T / sqrt(D)) V for each head, with positions after the query masked.
    ///
    /// Shape: (B, T, 3C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - heads: H, at least 1; divides C.
    ///   - dropout: Dropout of the attention weights.
    /// - Returns: The head outputs, side by side.
    public func causalSelfAttention(heads: Int, dropout: Dropout? = nil) -> Tensor {
        let mask = dropout?.mask
        let sizes = attentionShape(heads: heads)
        let (input, output, logSums) = (buffer, Buffer(uninitialized: shape.count / 3), logSumBuffer(sizes))
        AttentionKernel.forward(input, sizes, mask: mask, output: output, logSums: logSums)
        return .recorded(
            "attention", shape: shape.replacingLast(with: sizes.channels), buffer: output, inputs: [self]
        ) { gradient in
            let inputGradient = Buffer(uninitialized: input.count)
            AttentionKernel.backward(
                input, sizes, mask: mask, output: output, logSums: logSums, outputGradient: gradient,
                gradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The attention weights of ``causalSelfAttention(heads:dropout:)`` before dropout, by the same kernel, as constants.
    ///
    /// Shape: (B, T, 3C) -> `weights` (B, H, T, T), one row per query, 0 for masked positions; `logSums` (B, H, T), the
    /// logarithm of the sum of the exponentials of each query's scores
    public func causalSelfAttentionWeights(heads: Int) -> (weights: Tensor, logSums: Tensor) {
        let sizes = attentionShape(heads: heads)
        let weights = Buffer(uninitialized: sizes.batch * heads * sizes.time * sizes.time)
        let logSums = logSumBuffer(sizes)
        AttentionKernel.forward(
            buffer, sizes, output: Buffer(uninitialized: shape.count / 3), logSums: logSums, weights: weights)
        return (
            Tensor(shape: [sizes.batch, heads, sizes.time, sizes.time], buffer: weights),
            Tensor(shape: [sizes.batch, heads, sizes.time], buffer: logSums)
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

    private func logSumBuffer(_ sizes: AttentionShape) -> Buffer {
        Buffer(uninitialized: sizes.rowCount)
    }
}
