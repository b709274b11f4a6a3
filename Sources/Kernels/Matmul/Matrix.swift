/// A matrix in a buffer: a shape and two strides. Transposing one costs nothing.
package struct Matrix {
    /// Owns the elements.
    let buffer: Buffer
    let view: MatrixView

    /// The whole buffer as a matrix stored row after row.
    ///
    /// - Precondition: The buffer has `rows * columns` floats.
    package init(_ buffer: Buffer, rows: Int, columns: Int) {
        require(
            rows >= 0 && columns >= 0 && buffer.count == rows * columns,
            "a buffer of \(buffer.count) floats is not a \(rows) x \(columns) matrix")
        self.buffer = buffer
        view = MatrixView(start: buffer.pointer, rows: rows, columns: columns)
    }

    /// A matrix of equal rows, each of them the whole buffer (a row stride of 0): a bias.
    ///
    /// - Precondition: The number of rows is not negative.
    package init(repeating row: Buffer, rows: Int) {
        require(rows >= 0, "a matrix of \(rows) rows")
        buffer = row
        view = MatrixView(start: row.pointer, rows: rows, columns: row.count, rowStride: 0)
    }

    private init(_ buffer: Buffer, _ view: MatrixView) {
        self.buffer = buffer
        self.view = view
    }

    /// The same floats with rows and columns exchanged.
    package var transposed: Matrix { Matrix(buffer, view.transposed) }
}

/// The address, shape and strides of a matrix that a ``Matrix`` or ``Buffer`` keeps alive. A view is not
/// reference-counted, which in the innermost loops would cost more than the arithmetic.
struct MatrixView {
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

    var transposed: MatrixView {
        MatrixView(start: start, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
    }

    /// The view of the `index`-th matrix of this size that is stored after this one.
    func moved(_ index: Int) -> MatrixView {
        MatrixView(
            start: start + index * rows * columns, rows: rows, columns: columns, rowStride: rowStride,
            columnStride: columnStride)
    }

    /// The view of a range of rows.
    func rows(_ range: Range<Int>) -> MatrixView {
        MatrixView(
            start: row(range.lowerBound), rows: range.count, columns: columns, rowStride: rowStride,
            columnStride: columnStride)
    }

    /// The view of a range of columns.
    func columns(_ range: Range<Int>) -> MatrixView { transposed.rows(range).transposed }

    /// The address of a row's first element.
    @inline(__always)
    func row(_ row: Int) -> UnsafeMutablePointer<Float> { start + row * rowStride }
}
