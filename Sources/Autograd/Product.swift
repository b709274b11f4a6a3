import Kernels

/// A linear map of plain buffers, `x W + b`, and its gradients.
struct Product {
    /// N.
    let columns: Int
    private let rows: Int, depth: Int
    private let weight: Buffer, weightShape: (Int, Int), transposed: Bool
    private let bias: Buffer?, biasIsTracked: Bool

    /// - Precondition: The shapes agree, and K is positive.
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
