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
        activatedMatmul("gelu matmul", shape, weight, plus: bias, activate: Self.gelu) { input, gradient in
            // The kernel turns the gradient of gelu(x) into that of x.
            let activations = Buffer(uninitialized: gradient.count)
            GELUKernel.backward(input, outputGradient: gradient, inputGradient: gradient, output: activations)
            return (gradient, activations)
        }
    }

    /// The matrix product of an activation with a weight, plus a bias for every row: `f(x) W + b`.
    ///
    /// - Parameters:
    ///   - operation: The operation's name in printed graphs.
    ///   - activationShape: The shape of f(x).
    ///   - weight: W.
    ///   - bias: b; nil adds nothing.
    ///   - activate: Computes f(x) of x.
    ///   - backward: Computes the gradient of x, and f(x) again, of x and the gradient of f(x), whose buffer it may reuse.
    /// - Returns: The product.
    /// - Precondition: The shapes agree, and K is positive.
    func activatedMatmul(
        _ operation: String, _ activationShape: Shape, _ weight: Tensor, plus bias: Tensor? = nil,
        activate: @escaping (Buffer) -> Buffer,
        backward: @escaping (_ input: Buffer, _ gradient: Buffer) -> (inputGradient: Buffer, activations: Buffer)
    ) -> Tensor {
        let product = Product(activationShape, weight, transposed: false, plus: bias)
        let (input, isTracked, weightIsTracked) = (savedForBackward, isTracked, weight.isTracked)
        return .recorded(
            operation, shape: activationShape.replacingLast(with: product.columns), buffer: product(activate(buffer)),
            inputs: [self, weight] + (bias.map { [$0] } ?? [])
        ) { gradient in
            let (inputGradient, activations): (Buffer?, Buffer) =
                isTracked ? backward(input(), product.inputGradient(gradient)) : (nil, activate(input()))
            return [
                inputGradient, weightIsTracked ? product.weightGradient(activations, gradient) : nil,
                product.biasGradient(gradient),
            ]
        }
    }
}
