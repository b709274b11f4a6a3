import Kernels

extension Tensor {
    /// The gated linear unit of gates and ups side by side: `silu(gate) * up`, with `silu(x) = x sigmoid(x)` (SwiGLU: Shazeer
    /// 2020).
    ///
    /// Shape: (..., 2F) -> (..., F)
    ///
    /// - Precondition: The innermost size is even and positive.
    public func swiGLU() -> Tensor {
        precondition(shape.rank > 0 && shape[-1] > 0 && shape[-1] % 2 == 0, "\(shape) is not gates and ups")
        let (hidden, input) = (shape[-1] / 2, savedForBackward)
        return .recorded(
            "SwiGLU", shape: shape.replacingLast(with: hidden), buffer: Self.swiGLU(buffer, hidden), inputs: [self]
        ) { gradient in
            let inputGradient = Buffer(uninitialized: 2 * gradient.count)
            SwiGLUKernel.backward(
                input(), hidden: hidden, outputGradient: gradient, inputGradient: inputGradient,
                output: Buffer(uninitialized: gradient.count))
            return [inputGradient]
        }
    }

    /// The matrix product of a gated linear unit with a weight: `(silu(gate) * up) W`, gates and ups side by side (SwiGLU:
    /// Shazeer 2020).
    ///
    /// One operation for the reason of ``geluMatmul(_:plus:)``: the activations are not saved.
    ///
    /// Shape: (..., 2F) x (F, N) -> (..., N)
    ///
    /// - Precondition: The shapes agree, and F is positive.
    public func swiGLUMatmul(_ weight: Tensor) -> Tensor {
        let (hidden, _) = weight.shape2
        precondition(
            shape.rank > 0 && shape[-1] == 2 * hidden, "\(shape) is not gates and ups for a weight of \(weight.shape)")
        return activatedMatmul(
            "SwiGLU matmul", shape.replacingLast(with: hidden), weight, activate: { Self.swiGLU($0, hidden) }
        ) { input, gradient in
            // The kernel overwrites the gradient of the activations with the activations.
            let inputGradient = Buffer(uninitialized: 2 * gradient.count)
            SwiGLUKernel.backward(
                input, hidden: hidden, outputGradient: gradient, inputGradient: inputGradient, output: gradient)
            return (inputGradient, gradient)
        }
    }

    private static func swiGLU(_ input: Buffer, _ hidden: Int) -> Buffer {
        let output = Buffer(uninitialized: input.count / 2)
        SwiGLUKernel.forward(input, hidden: hidden, output: output)
        return output
    }
}
