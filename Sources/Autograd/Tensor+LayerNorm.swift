import Kernels

extension Tensor {
    /// Layer normalization (Ba, Kiros and Hinton 2016): `(x - mean) / sqrt(variance + 1e-5) * weight + bias`, mean and
    /// variance over the innermost axis.
    ///
    /// Shape: (..., C), weight and bias (C) -> (..., C)
    ///
    /// - Parameters:
    ///   - weight: The gain of each channel.
    ///   - bias: Added to each channel; nil adds nothing.
    /// - Returns: The normalized rows. The backward pass recomputes them and the statistics.
    /// - Precondition: The shapes agree, and C is positive.
    public func layerNorm(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        precondition(
            weight.shape.rank == 1 && shape.rank > 0 && shape[-1] == weight.shape[0],
            "\(shape) cannot be normalized with a weight of shape \(weight.shape)")
        precondition(bias == nil || bias?.shape == weight.shape, "a bias of another shape than \(weight.shape)")
        let (input, scale, shift) = (savedForBackward, weight.buffer, bias?.buffer)
        return .recorded(
            "layer norm", shape: shape, buffer: Self.layerNorm(buffer, scale, shift),
            inputs: [self, weight] + (bias.map { [$0] } ?? []),
            recompute: recomputation { Self.layerNorm($0, scale, shift) }
        ) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            let weightGradient = Buffer(uninitialized: scale.count)
            let biasGradient = shift.map { Buffer(uninitialized: $0.count) }
            LayerNormKernel.backward(
                input(), weight: scale, outputGradient: gradient, inputGradient: inputGradient,
                weightGradient: weightGradient, biasGradient: biasGradient)
            return [inputGradient, weightGradient, biasGradient]
        }
    }

    private static func layerNorm(_ input: Buffer, _ weight: Buffer, _ bias: Buffer?) -> Buffer {
        let output = Buffer(uninitialized: input.count)
        LayerNormKernel.forward(input, weight: weight, bias: bias, output: output)
        return output
    }
}
