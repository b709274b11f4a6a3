import Kernels

extension Tensor {
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
        let product = Product(shape.replacingLast(with: hidden), weight, transposed: false, plus: nil)
        let (input, isTracked, weightIsTracked) = (savedForBackward, isTracked, weight.isTracked)
        return .recorded(
            "SwiGLU matmul", shape: shape.replacingLast(with: product.columns),
            buffer: product(Self.swiGLU(buffer, hidden)), inputs: [self, weight]
        ) { gradient in
            guard isTracked else {
                return [nil, weightIsTracked ? product.weightGradient(Self.swiGLU(input(), hidden), gradient) : nil]
            }
            // The gradient of the activations; the kernel overwrites it with the activations.
            let activations = product.inputGradient(gradient)
            let inputGradient = Buffer(uninitialized: 2 * activations.count)
            SwiGLUKernel.backward(
                input(), hidden: hidden, outputGradient: activations, inputGradient: inputGradient,
                output: activations)
            return [inputGradient, weightIsTracked ? product.weightGradient(activations, gradient) : nil]
        }
    }

    private static func swiGLU(_ input: Buffer, _ hidden: Int) -> Buffer {
        let output = Buffer(uninitialized: input.count / 2)
        SwiGLUKernel.forward(input, hidden: hidden, output: output)
        return output
    }
}
