import Kernels

extension Tensor {
    /// Causal multi-head self-attention over queries, keys and values side by side
    /// (Vaswani et al. 2017, section 3.2): softmax(Q K^T / sqrt(D)) V for each head, looking only back.
    ///
    /// Shape: (B, T, 3C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - heads: How many heads share the channels.
    ///   - dropout: What to drop of the weights.
    /// - Returns: What the heads have gathered, side by side.
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

    /// The weights that ``causalSelfAttention(heads:dropout:)`` gives to every earlier position, by the same kernel.
    ///
    /// Shape: (B, T, 3C) -> `weights` (B, H, T, T), each row over the positions looked at, 0 for the future; `logSums`
    /// (B, H, T), the logarithm of the sum of the exponentials of every query's scores
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

    /// The sizes of these queries, keys and values, side by side.
    package func attentionShape(heads: Int) -> AttentionShape {
        let (batch, time, triple) = shape3
        precondition(
            triple % (3 * heads) == 0, "\(shape) is not queries, keys and values for \(heads) heads side by side")
        return AttentionShape(batch: batch, heads: heads, time: time, headWidth: triple / 3 / heads)
    }

    private func logSumBuffer(_ sizes: AttentionShape) -> Buffer {
        Buffer(uninitialized: sizes.batch * sizes.heads * sizes.time)
    }
}
