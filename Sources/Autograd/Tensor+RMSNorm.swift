import Kernels

extension Tensor {
    /// Root mean square normalization (Zhang and Sennrich 2019): `x / sqrt(mean(x^2) + 1e-6) * weight`, the mean over the
    /// innermost axis.
    ///
    /// Shape: (..., C), weight (C) -> (..., C)
    ///
    /// - Parameter weight: The gain of each channel.
    /// - Returns: The normalized rows. The backward pass recomputes them and the statistics.
    /// - Precondition: The shapes agree, and C is positive.
    public func rmsNorm(weight: Tensor) -> Tensor {
        precondition(
            weight.shape.rank == 1 && shape.rank > 0 && shape[-1] == weight.shape[0],
            "\(shape) cannot be normalized with a weight of shape \(weight.shape)")
        let (input, scale) = (savedForBackward, weight.buffer)
        return .recorded(
            "RMS norm", shape: shape, buffer: Self.rmsNorm(buffer, scale), inputs: [self, weight],
            recompute: recomputation { Self.rmsNorm($0, scale) }
        ) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            let weightGradient = Buffer(uninitialized: scale.count)
            RMSNormKernel.backward(
                input(), weight: scale, outputGradient: gradient, inputGradient: inputGradient,
                weightGradient: weightGradient)
            return [inputGradient, weightGradient]
        }
    }

    private static func rmsNorm(_ input: Buffer, _ weight: Buffer) -> Buffer {
        let output = Buffer(uninitialized: input.count)
        RMSNormKernel.forward(input, weight: weight, output: output)
        return output
    }
}
