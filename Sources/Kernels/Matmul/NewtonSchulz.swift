import CPUSupport

/// Orthogonalization of one matrix by one thread: the quintic Newton-Schulz iteration of Muon (Jordan et al. 2024).
///
/// Each step replaces X by a X + (b A + c A^2) X with A = X X^T, which keeps the singular vectors and takes each singular value
/// s to a s + b s^3 + c s^5; five steps bring those between 0.003 and 1 into the range from 0.7 to 1.2. A tall matrix has
/// A = X^T X and the products from the other side, so that A is as small as can be.
struct NewtonSchulz {
    /// The sizes of the matrix.
    let rows: Int, columns: Int
    /// Where the matrix is in the workspace, and where the others are: as offsets.
    let matrix: Int
    private let next: Int, square: Int, polynomial: Int, packing: Int
    /// Floats of workspace.
    let workspace: Int

    private static let steps = 5
    private static let (a, b, c): (Float, Float, Float) = (3.4445, -4.7750, 2.0315)

    init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        let side = min(rows, columns)
        var layout = WorkspaceLayout()
        matrix = layout.take(rows * columns)
        next = layout.take(rows * columns)
        square = layout.take(side * side)
        polynomial = layout.take(side * side)
        packing = layout.take(MacroKernel.Workspace(columns: columns, depth: Matmul.depthBlock, .placeholder).count)
        workspace = layout.count
    }

    /// Orthogonalizes the matrix that is stored row after row at offset `matrix`.
    ///
    /// - Returns: The address of the result, in the workspace.
    func callAsFunction(_ memory: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        let side = min(rows, columns)
        var x = MatrixView(start: memory + matrix, rows: rows, columns: columns)
        var y = MatrixView(start: memory + next, rows: rows, columns: columns)
        let square = MatrixView(start: memory + self.square, rows: side, columns: side)
        let polynomial = MatrixView(start: memory + self.polynomial, rows: side, columns: side)
        scaleToUnitNorm(x)
        for _ in 0..<Self.steps {
            if rows <= columns {
                multiply(x, x.transposed, into: square, memory)
            } else {
                multiply(x.transposed, x, into: square, memory)
            }
            // A (b + c A) = b A + c A^2, then a on the diagonal; y is free until the product below.
            let factor = MatrixView(start: y.start, rows: side, columns: side)
            let c = Vector(repeating: Self.c)
            forEachVector(side * side) { offset, lanes in
                (Vector(at: square.start + offset, lanes: lanes) * c).store(to: factor.start + offset, lanes: lanes)
            }
            for index in 0..<side { factor.start[index * side + index] += Self.b }
            multiply(square, factor, into: polynomial, memory)
            for index in 0..<side { polynomial.start[index * side + index] += Self.a }
            if rows <= columns {
                multiply(polynomial, x, into: y, memory)
            } else {
                multiply(x, polynomial, into: y, memory)
            }
            swap(&x, &y)
        }
        return x.start
    }

    private func multiply(
        _ left: MatrixView, _ right: MatrixView, into product: MatrixView, _ memory: UnsafeMutablePointer<Float>
    ) {
        MacroKernel(left: left, right: right, rows: 0..<left.rows, columns: 0..<right.columns)
            .multiply(0..<left.columns, into: product, plus: nil, memory + packing)
    }

    /// Divides by the Frobenius norm, which no singular value exceeds.
    private func scaleToUnitNorm(_ x: MatrixView) {
        var sum = 0.0
        for row in 0..<rows {
            var total = Vector()
            forEachVector(columns) { offset, lanes in
                let element = Vector(at: x.row(row) + offset, lanes: lanes)
                total += element * element
            }
            sum += Double(total.total)
        }
        let factor = Vector(repeating: Float(1 / (sum.squareRoot() + 1e-7)))
        forEachVector(rows * columns) { offset, lanes in
            (Vector(at: x.start + offset, lanes: lanes) * factor).store(to: x.start + offset, lanes: lanes)
        }
    }
}
