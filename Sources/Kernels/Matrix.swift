/// A matrix seen in a buffer: a shape and two strides. Transposing one costs nothing.
package struct Matrix {
    /// Kept so that the elements stay where they are.
    private let buffer: Buffer
    let elements: MatrixElements

    /// A view of the whole buffer as a matrix stored row after row.
    package init(_ buffer: Buffer, rows: Int, columns: Int) {
        require(
            buffer.count == rows * columns, "a buffer of \(buffer.count) floats is no \(rows) x \(columns) matrix")
        self.buffer = buffer
        elements = MatrixElements(start: buffer.pointer, rows: rows, columns: columns)
    }

    /// A matrix of equal rows, each of them the whole buffer.
    package init(repeating row: Buffer, rows: Int) {
        buffer = row
        elements = MatrixElements(start: row.pointer, rows: rows, columns: row.count, rowStride: 0)
    }

    private init(_ buffer: Buffer, _ elements: MatrixElements) {
        self.buffer = buffer
        self.elements = elements
    }

    /// The same floats with rows and columns exchanged.
    package var transposed: Matrix { Matrix(buffer, elements.transposed) }
}

/// Where the elements of a matrix are, for as long as somebody holds the ``Matrix``: nothing here counts references, which
/// in the innermost loops would cost more than the arithmetic.
struct MatrixElements {
    let start: UnsafeMutablePointer<Float>
    let rows: Int
    let columns: Int
    let rowStride: Int
    let columnStride: Int

    init(
        start: UnsafeMutablePointer<Float>, rows: Int, columns: Int, rowStride: Int? = nil, columnStride: Int = 1
    ) {
        (self.start, self.rows, self.columns) = (start, rows, columns)
        (self.rowStride, self.columnStride) = (rowStride ?? columns, columnStride)
    }

    var transposed: MatrixElements {
        MatrixElements(start: start, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
    }

    /// Some of the rows.
    func rows(_ range: Range<Int>) -> MatrixElements {
        MatrixElements(
            start: row(range.lowerBound), rows: range.count, columns: columns, rowStride: rowStride,
            columnStride: columnStride)
    }

    /// Some of the columns.
    func columns(_ range: Range<Int>) -> MatrixElements { transposed.rows(range).transposed }

    /// The first element of a row.
    @inline(__always)
    func row(_ row: Int) -> UnsafeMutablePointer<Float> { start + row * rowStride }
}
