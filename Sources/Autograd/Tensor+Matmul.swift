import Kernels

extension Tensor {
    /// The matrix product with a weight, plus a bias for every row if there is one.
    ///
    /// Shape: (..., K) x (K, N) + (N) -> (..., N)
    public func matmul(_ weight: Tensor, plus bias: Tensor? = nil) -> Tensor {
        multiply(weight, transposed: false, plus: bias)
    }

    /// The matrix product with a weight that is stored transposed.
    ///
    /// Shape: (..., K) x (N, K) -> (..., N)
    public func matmul(transposed weight: Tensor) -> Tensor { multiply(weight, transposed: true, plus: nil) }

    private func multiply(_ weight: Tensor, transposed: Bool, plus bias: Tensor?) -> Tensor {
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
        let product = Matrix(output, rows: rows, columns: columns)
        Matmul.multiply(
            Matrix(buffer, rows: rows, columns: depth), asMatrix(weight.buffer), into: product,
            plus: bias.map { Matrix(repeating: $0.buffer, rows: rows) })
        let resultShape = shape.replacingLast(with: columns)
        let trackedBias = bias?.isTracked ?? false
        guard isTracked || weight.isTracked || trackedBias else { return Tensor(shape: resultShape, buffer: output) }
        let (input, weightBuffer) = (kept, weight.buffer)
        let (trackedInput, trackedWeight) = (isTracked, weight.isTracked)
        return .recorded(
            "matmul", shape: resultShape, buffer: output, inputs: [self, weight] + (bias.map { [$0] } ?? [])
        ) { gradient in
            let incoming = Matrix(gradient, rows: rows, columns: columns)
            var inputGradient: Buffer?
            if trackedInput {
                let buffer = Buffer(uninitialized: rows * depth)
                Matmul.multiply(
                    incoming, asMatrix(weightBuffer).transposed, into: Matrix(buffer, rows: rows, columns: depth))
                inputGradient = buffer
            }
            var weightGradient: Buffer?
            if trackedWeight {
                let buffer = Buffer(uninitialized: first * second)
                let x = Matrix(input(), rows: rows, columns: depth)
                Matmul.multiply(
                    transposed ? incoming.transposed : x.transposed, transposed ? x : incoming,
                    into: Matrix(buffer, rows: first, columns: second))
                weightGradient = buffer
            }
            return [inputGradient, weightGradient, trackedBias ? Self.sumRepetitions(gradient, to: columns) : nil]
        }
    }
}
