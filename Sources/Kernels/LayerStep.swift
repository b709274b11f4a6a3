// Layers at work on one new character of each of N texts. These hold addresses and count no references, since several
// threads go through them at the same time; whoever makes one holds the buffers.

/// A linear layer: `x W + b`.
package struct LinearStep {
    private let weight: MatrixElements
    private let bias: MatrixElements?

    /// The layer with these parameters.
    ///
    /// Shape: weight (inputs, outputs), bias (outputs)
    package init(_ weight: Matrix, bias: Buffer? = nil) {
        (self.weight, self.bias) = (weight.elements, bias.map { Matrix(repeating: $0, rows: 1).elements })
    }

    /// How many weights there are.
    var count: Int { weight.rows * weight.columns }

    /// Computes some of the outputs.
    ///
    /// Shape: (N, inputs) -> (N, outputs)
    func run(_ x: MatrixElements, into y: MatrixElements, outputs: Range<Int>) {
        MatrixVector.multiply(x, weight, columns: outputs, into: y, plus: bias)
    }

    /// Computes what some of the inputs contribute to all of the outputs, without the bias.
    ///
    /// Shape: (N, inputs) -> (N, outputs)
    func run(_ x: MatrixElements, inputs: Range<Int>, into y: MatrixElements) {
        MatrixVector.multiply(
            x.columns(inputs), weight.rows(inputs), columns: 0..<weight.columns, into: y)
    }

    /// Adds the bias, if there is one.
    ///
    /// Shape: (N, outputs)
    func addBias(to y: MatrixElements) {
        guard let bias else { return }
        for row in 0..<y.rows { add(bias.start, to: y.row(row), y.columns) }
    }
}

/// A layer normalisation.
package struct NormStep {
    private let weight: UnsafePointer<Float>
    private let bias: UnsafePointer<Float>?

    /// The layer with these parameters.
    ///
    /// Shape: (C)
    package init(weight: Buffer, bias: Buffer?) {
        (self.weight, self.bias) = (UnsafePointer(weight.pointer), bias.map { UnsafePointer($0.pointer) })
    }

    /// Shape: (N, C) -> (N, C)
    func run(_ x: MatrixElements, into y: MatrixElements) {
        for row in 0..<x.rows {
            LayerNormKernel.forward(x.row(row), x.columns, weight: weight, bias: bias, output: y.row(row))
        }
    }
}
