import Kernels

extension Tensor {
    /// The matrix product with a weight, plus a bias for every row if there is one.
    ///
    /// Shape: (..., K) x (K, N) + (N) -> (..., N)
    public func matmul(_ weight: Tensor, plus bias: Tensor? = nil) -> Tensor {
        let input = kept
        return multiply("matmul", buffer, weight, plus: bias) { _ in input() }
    }

    /// The matrix product with a weight that is stored transposed.
    ///
    /// Shape: (..., K) x (N, K) -> (..., N)
    public func matmul(transposed weight: Tensor) -> Tensor {
        let input = kept
        return multiply("matmul", buffer, weight, transposed: true, plus: nil) { _ in input() }
    }

    /// The matrix product of ``gelu()`` with a weight, plus a bias for every row if there is one.
    ///
    /// One operation, because what the GELU gives is not kept: the backward pass makes it again together with its
    /// derivative, at the price of one of them.
    ///
    /// Shape: (..., K) x (K, N) + (N) -> (..., N)
    public func geluMatmul(_ weight: Tensor, plus bias: Tensor? = nil) -> Tensor {
        let input = kept
        return multiply("gelu matmul", Self.gelu(buffer), weight, plus: bias) { gradient in
            Self.recomputeGELU(input(), gradient)
        }
    }

    /// The product of what was made of this tensor with a weight.
    ///
    /// - Parameters:
    ///   - operation: What to call it.
    ///   - operand: What was made of this tensor, of the same shape.
    ///   - weight: The weight.
    ///   - transposed: Whether the weight is stored transposed.
    ///   - bias: What to add to every row.
    ///   - recompute: Makes the operand once more for the backward pass, and of its gradient this tensor's, in place.
    /// - Returns: The product.
    private func multiply(
        _ operation: String, _ operand: Buffer, _ weight: Tensor, transposed: Bool = false, plus bias: Tensor?,
        recompute: @escaping (_ gradient: Buffer?) -> Buffer
    ) -> Tensor {
        let (first, second) = weight.shape2
        let (depth, columns) = transposed ? (second, first) : (first, second)
        precondition(
            shape.rank > 0 && shape[-1] == depth,
            "\(shape) x \(weight.shape)\(transposed ? " transposed" : ""): the inner sizes differ")
        precondition(
            bias.map { $0.shape == [columns] } ?? true,
            "a bias of shape \(bias?.shape ?? []) for \(columns) columns")
        let rows = shape.count / depth
        func asMatrix(_ weight: Buffer) -> Matrix {
            let stored = Matrix(weight, rows: first, columns: second)
            return transposed ? stored.transposed : stored
        }

        let output = Buffer(uninitialized: rows * columns)
        Matmul.multiply(
            Matrix(operand, rows: rows, columns: depth), asMatrix(weight.buffer),
            into: Matrix(output, rows: rows, columns: columns),
            plus: bias.map { Matrix(repeating: $0.buffer, rows: rows) })
        let resultShape = shape.replacingLast(with: columns)
        let trackedBias = bias?.isTracked ?? false
        guard isTracked || weight.isTracked || trackedBias else { return Tensor(shape: resultShape, buffer: output) }
        let weightBuffer = weight.buffer
        let (trackedInput, trackedWeight) = (isTracked, weight.isTracked)
        return .recorded(
            operation, shape: resultShape, buffer: output, inputs: [self, weight] + (bias.map { [$0] } ?? [])
        ) { gradient in
            let incoming = Matrix(gradient, rows: rows, columns: columns)
            var inputGradient: Buffer?
            if trackedInput {
                let buffer = Buffer(uninitialized: rows * depth)
                Matmul.multiply(
                    incoming, asMatrix(weightBuffer).transposed, into: Matrix(buffer, rows: rows, columns: depth))
                inputGradient = buffer
            }
            let x = Matrix(recompute(inputGradient), rows: rows, columns: depth)
            var weightGradient: Buffer?
            if trackedWeight {
                let buffer = Buffer(uninitialized: first * second)
                Matmul.multiply(
                    transposed ? incoming.transposed : x.transposed, transposed ? x : incoming,
                    into: Matrix(buffer, rows: first, columns: second))
                weightGradient = buffer
            }
            return [inputGradient, weightGradient, trackedBias ? Self.sumRepetitions(gradient, to: columns) : nil]
        }
    }
}
