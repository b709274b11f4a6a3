import Kernels

extension Tensor {
    /// Queries and keys, beside values that stay as they are, normalized for each head (``rmsNorm(weight:)``) and rotated by
    /// their position (RoPE: Su et al. 2021), channel i of a head with channel i + D/2.
    ///
    /// Shape: (B, T, 3C), gains (D), `rotations` (T or more, D) -> (B, T, 3C)
    ///
    /// - Parameters:
    ///   - queryGain: The gain of the queries' norm.
    ///   - keyGain: The gain of the keys' norm.
    ///   - rotations: A constant: the cosines of each position's D/2 angles, then their sines.
    /// - Returns: Queries, keys and values for ``causalSelfAttention(heads:dropout:)``.
    /// - Precondition: The shapes agree; D is even, C a multiple of D, and `rotations` has a row for each position.
    public func rotary(queryGain: Tensor, keyGain: Tensor, rotations: Tensor) -> Tensor {
        let (_, time, triple) = shape3
        let (positions, headWidth) = rotations.shape2
        precondition(
            queryGain.shape == [headWidth] && keyGain.shape == [headWidth] && !rotations.isTracked && time <= positions
                && triple % (3 * headWidth) == 0,
            "\(shape) cannot be rotated by \(rotations.shape) with gains of \(queryGain.shape) and \(keyGain.shape)")
        let (input, attention) = (buffer, attentionShape(heads: triple / 3 / headWidth))
        let operands = RotaryKernel.Operands(
            queryGain: queryGain.buffer, keyGain: keyGain.buffer, rotations: rotations.buffer)
        let output = Buffer(uninitialized: input.count)
        RotaryKernel.forward(input, attention, operands, output: output)
        return .recorded("rotary", shape: shape, buffer: output, inputs: [self, queryGain, keyGain]) { gradient in
            let inputGradient = Buffer(uninitialized: input.count)
            let gains = (0..<2).map { _ in Buffer(uninitialized: headWidth) }
            RotaryKernel.backward(
                input, attention, operands, outputGradient: gradient, inputGradient: inputGradient,
                queryGainGradient: gains[0], keyGainGradient: gains[1])
            return [inputGradient, gains[0], gains[1]]
        }
    }
}
