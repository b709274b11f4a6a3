import Kernels

extension Tensor {
    /// The matrix product with a weight, plus a bias for every row: `x W + b`; or the product of each of a batch of matrices with
    /// one of another batch.
    ///
    /// Shape: (..., K) x (K, N) + (N) -> (..., N), or (..., M, K) x (..., K, N) + (N) -> (..., M, N), where the outer axes are
    /// broadcast
    ///
    ///     let x = Tensor([1, 2, 3, 4], shape: [2, 2])
    ///     print(x.matmul(Tensor([1, 10], shape: [2, 1])))             // (2, 1) [[21.0], [43.0]]
    ///     print(x.reshaped([2, 1, 2]).matmul(x.reshaped([2, 2, 1])))  // (2, 1, 1) [[[5.0]], [[25.0]]]
    ///
    /// - Precondition: The shapes agree, and K is positive.
    public func matmul(_ weight: Tensor, plus bias: Tensor? = nil) -> Tensor {
        matmul(weight, transposed: false, plus: bias)
    }

    /// The matrix product with a weight, or with each of a batch of matrices, that is stored transposed: `x W^T`.
    ///
    /// Shape: (..., K) x (N, K) -> (..., N), or (..., M, K) x (..., N, K) -> (..., M, N), where the outer axes are broadcast
    ///
    /// - Precondition: The shapes agree, and K is positive.
    public func matmul(transposed weight: Tensor) -> Tensor { matmul(weight, transposed: true, plus: nil) }

    private func matmul(_ weight: Tensor, transposed: Bool, plus bias: Tensor?) -> Tensor {
        guard weight.shape.rank < 3 else {
            let product = batchMatmul(weight, transposed: transposed)
            return bias.map { product + $0 } ?? product
        }
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

    /// The products of matrices with the matrices of a batch.
    private func batchMatmul(_ other: Tensor, transposed: Bool) -> Tensor {
        let (inner, columns) = transposed ? (other.shape[-1], other.shape[-2]) : (other.shape[-2], other.shape[-1])
        guard shape.rank >= 2, shape[-1] == inner, inner > 0, let outer = shape.outer.broadcast(with: other.shape.outer)
        else {
            preconditionFailure(
                "\(shape) x \(other.shape)\(transposed ? " transposed" : ""): the inner sizes differ or are 0, or the outer "
                    + "ones differ and neither is 1")
        }
        let a = broadcasted(to: Shape(outer.array + shape.array.suffix(2)))
        let b = other.broadcasted(to: Shape(outer.array + other.shape.array.suffix(2)))
        let (x, y, trackedA, trackedB) = (a.buffer, b.buffer, a.isTracked, b.isTracked)
        let (batch, rows, weightShape) = (outer.count, shape[-2], other.shape)
        let output = Buffer(uninitialized: batch * rows * columns)
        Matmul.multiplyBatch(
            batch, x, y, m: rows, k: inner, n: columns, rightTransposed: transposed, into: output)
        return .recorded(
            "matmul", shape: Shape(outer.array + [rows, columns]), buffer: output, inputs: [a, b]
        ) { gradient in
            var gradients: [Buffer?] = [nil, nil]
            if trackedA {
                let ofA = Buffer(uninitialized: x.count)
                Matmul.multiplyBatch(
                    batch, gradient, y, m: rows, k: columns, n: inner, rightTransposed: !transposed, into: ofA)
                gradients[0] = ofA
            }
            if trackedB {
                let ofB = Buffer(uninitialized: y.count)
                let (left, right) = transposed ? (gradient, x) : (x, gradient)
                Matmul.multiplyBatch(
                    batch, left, right, m: weightShape[-2], k: rows, n: weightShape[-1], leftTransposed: true,
                    into: ofB)
                gradients[1] = ofB
            }
            return gradients
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
