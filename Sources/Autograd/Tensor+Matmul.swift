import Kernels

extension Tensor {
    /// The matrix product with a weight, plus a bias for every row: `x W + b`.
    ///
    /// Shape: (..., K) x (K, N) + (N) -> (..., N)
    public func matmul(_ weight: Tensor, plus bias: Tensor? = nil) -> Tensor {
        product("matmul", weight, transposed: false, plus: bias)
    }

    /// The matrix product with a weight that is stored transposed: `x W^T`.
    ///
    /// Shape: (..., K) x (N, K) -> (..., N)
    public func matmul(transposed weight: Tensor) -> Tensor { product("matmul", weight, transposed: true, plus: nil) }

    private func product(_ name: String, _ weight: Tensor, transposed: Bool, plus bias: Tensor?) -> Tensor {
        let product = Product(shape, weight, transposed: transposed, plus: bias)
        let (input, isTracked, weightIsTracked) = (savedForBackward, isTracked, weight.isTracked)
        return .recorded(
            name, shape: shape.replacingLast(with: product.columns), buffer: product(buffer),
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

/// `x W + b` of plain buffers, and its gradients.
struct Product {
    /// N.
    let columns: Int
    private let rows: Int, depth: Int
    private let weight: Buffer, weightShape: (Int, Int), transposed: Bool
    private let bias: Buffer?, biasIsTracked: Bool

    /// Checks the shapes.
    init(_ shape: Shape, _ weight: Tensor, transposed: Bool, plus bias: Tensor?) {
        weightShape = weight.shape2
        (depth, columns) = transposed ? (weightShape.1, weightShape.0) : weightShape
        precondition(
            shape.rank > 0 && shape[-1] == depth && depth > 0,
            "\(shape) x \(weight.shape)\(transposed ? " transposed" : ""): the inner sizes differ or are 0")
        precondition(
            bias.map { $0.shape == [weight.shape[transposed ? 0 : 1]] } ?? true,
            "a bias of shape \(bias?.shape ?? []) for \(columns) columns")
        rows = shape.count / depth
        (self.weight, self.transposed) = (weight.buffer, transposed)
        (self.bias, biasIsTracked) = (bias?.buffer, bias?.isTracked ?? false)
    }

    /// Shape: (K, N)
    private func asMatrix(_ weight: Buffer) -> Matrix {
        let stored = Matrix(weight, rows: weightShape.0, columns: weightShape.1)
        return transposed ? stored.transposed : stored
    }

    /// `x W + b`
    func callAsFunction(_ x: Buffer) -> Buffer {
        let output = Buffer(uninitialized: rows * columns)
        Matmul.multiply(
            Matrix(x, rows: rows, columns: depth), asMatrix(weight), into: Matrix(output, rows: rows, columns: columns),
            plus: bias.map { Matrix(repeating: $0, rows: rows) })
        return output
    }

    /// dX = dY W^T
    func inputGradient(_ gradient: Buffer) -> Buffer {
        let result = Buffer(uninitialized: rows * depth)
        Matmul.multiply(
            Matrix(gradient, rows: rows, columns: columns), asMatrix(weight).transposed,
            into: Matrix(result, rows: rows, columns: depth))
        return result
    }

    /// dW = X^T dY, in the weight's own order of storage.
    func weightGradient(_ x: Buffer, _ gradient: Buffer) -> Buffer {
        let (x, incoming) = (Matrix(x, rows: rows, columns: depth), Matrix(gradient, rows: rows, columns: columns))
        let result = Buffer(uninitialized: weight.count)
        Matmul.multiply(
            transposed ? incoming.transposed : x.transposed, transposed ? x : incoming,
            into: Matrix(result, rows: weightShape.0, columns: weightShape.1))
        return result
    }

    /// db = the sum of the rows of dY; nil without a tracked bias.
    func biasGradient(_ gradient: Buffer) -> Buffer? {
        biasIsTracked ? Tensor.sumRepetitions(gradient, to: columns) : nil
    }
}
