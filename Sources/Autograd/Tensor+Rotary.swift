import Kernels

extension Tensor {
    /// Queries and keys, beside values that stay as they are, normalized for each head (``rmsNorm(weight:)``) and rotated by
    /// their position (RoPE: Su et al. 2021), channel i of a head with channel i + D/2.
    ///
    /// Shape: (B, T, 3C), gains (D), `rotations` (T or more, D) -> (B, T, 3C)
    ///
    /// - Parameters:
    ///   - queryGain: What normalized queries are multiplied by. Its size is D, an even divisor of C.
    ///   - keyGain: The same for keys.
    ///   - rotations: A constant: the D/2 cosines, then the sines, of each position.
    /// - Returns: Queries, keys and values for ``causalSelfAttention(heads:dropout:)``.
    public func rotary(queryGain: Tensor, keyGain: Tensor, rotations: Tensor) -> Tensor {
        let (_, time, triple) = shape3
        let (positions, width) = rotations.shape2
        precondition(
            queryGain.shape == [width] && keyGain.shape == [width] && !rotations.isTracked && time <= positions
                && triple % (3 * width) == 0,
            "\(shape) cannot be rotated by \(rotations.shape) with gains of \(queryGain.shape) and \(keyGain.shape)")
        let (input, sizes) = (buffer, attentionShape(heads: triple / 3 / width))
        let operands = RotaryKernel.Operands(
            queryGain: queryGain.buffer, keyGain: keyGain.buffer, rotations: rotations.buffer)
        let output = Buffer(uninitialized: input.count)
        RotaryKernel.forward(input, sizes, operands, output: output)
        return .recorded("rotary", shape: shape, buffer: output, inputs: [self, queryGain, keyGain]) { gradient in
            let inputGradient = Buffer(uninitialized: input.count)
            let gains = (0..<2).map { _ in Buffer(uninitialized: width) }
            RotaryKernel.backward(
                input, sizes, operands, outputGradient: gradient, inputGradient: inputGradient,
                queryGainGradient: gains[0], keyGainGradient: gains[1])
            return [inputGradient, gains[0], gains[1]]
        }
    }
}
