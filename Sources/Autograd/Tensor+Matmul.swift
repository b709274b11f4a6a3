import Kernels

extension Tensor {
    /// The matrix product with a weight, plus a bias for every row: `x W + b`.
    ///
    /// Shape: (..., K) x (K, N) + (N) -> (..., N)
    ///
    /// - Precondition: The shapes agree, and K is positive.
    public func matmul(_ weight: Tensor, plus bias: Tensor? = nil) -> Tensor {
        matmul(weight, transposed: false, plus: bias)
    }

    /// The matrix product with a weight that is stored transposed: `x W^T`.
    ///
    /// Shape: (..., K) x (N, K) -> (..., N)
    ///
    /// - Precondition: The shapes agree, and K is positive.
    public func matmul(transposed weight: Tensor) -> Tensor { matmul(weight, transposed: true, plus: nil) }

    private func matmul(_ weight: Tensor, transposed: Bool, plus bias: Tensor?) -> Tensor {
        let product = Product(shape, weight, transposed: transposed, plus: bias)
        let (input, isTracked, weightIsTracked) = (savedForBackward, isTracked, weight.isTracked)
        return .recorded(
            "matmul", shape: shape.replacingLast(with: product.columns), buffer: product(buffer),
            inputs: [self, weight] + (bias.map { [$0] } ?? [])
        ) { gradient in
            [
                isTracked ? product.inputGradient(gradient) : nil,
                weightIsTracked ? product.weightGradient(input(), gradient) : nil,
                product.biasGradient(gradient),
            ]
        }
    }

    /// The matrix product of ``gelu()`` with a weight, plus a bias for every row: `gelu(x) W + b`.
    ///
    /// One operation, because the activations gelu(x) are not saved: the backward pass recomputes them in the same pass over
    /// memory as their derivative.
    ///
    /// Shape: (..., K) x (K, N) + (N) -> (..., N)
    ///
    /// - Precondition: The shapes agree, and K is positive.
    public func geluMatmul(_ weight: Tensor, plus bias: Tensor? = nil) -> Tensor {
        let product = Product(shape, weight, transposed: false, plus: bias)
        let (input, isTracked, weightIsTracked) = (savedForBackward, isTracked, weight.isTracked)
        return .recorded(
            "gelu matmul", shape: shape.replacingLast(with: product.columns), buffer: product(Self.gelu(buffer)),
            inputs: [self, weight] + (bias.map { [$0] } ?? [])
        ) { gradient in
            guard isTracked else {
                return [
                    nil, weightIsTracked ? product.weightGradient(Self.gelu(input()), gradient) : nil,
                    product.biasGradient(gradient),
                ]
            }
            // The gradient of gelu(x), which the kernel turns into that of x.
            let inputGradient = product.inputGradient(gradient)
            let activations = Buffer(uninitialized: inputGradient.count)
            GELUKernel.backward(
                input(), outputGradient: inputGradient, inputGradient: inputGradient, output: activations)
            return [
                inputGradient, weightIsTracked ? product.weightGradient(activations, gradient) : nil,
                product.biasGradient(gradient),
            ]
        }
    }
}
