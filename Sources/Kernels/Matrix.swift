/// A matrix seen in a buffer: an offset, a shape and two strides. Transposing one costs nothing.
package struct Matrix {
    let buffer: Buffer
    let offset: Int
    package let rows: Int
    package let columns: Int
    let rowStride: Int
    let columnStride: Int

    /// A view of the whole buffer as a matrix stored row after row.
    package init(_ buffer: Buffer, rows: Int, columns: Int) {
        precondition(buffer.count == rows * columns, "a buffer of \(buffer.count) floats is no \(rows) x \(columns) matrix")
        self.init(buffer, offset: 0, rows: rows, columns: columns, rowStride: columns, columnStride: 1)
    }

    private init(_ buffer: Buffer, offset: Int, rows: Int, columns: Int, rowStride: Int, columnStride: Int) {
        self.buffer = buffer
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.rowStride = rowStride
        self.columnStride = columnStride
    }

    /// The same floats with rows and columns exchanged.
    package var transposed: Matrix {
        Matrix(
            buffer, offset: offset, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
    }

    /// The first float of a row.
    func row(_ row: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + offset + row * rowStride }
}
