import CPUSupport

/// An operand of a matrix product in the order in which ``microkernel`` reads it: micro-panels of as many rows as the register
/// tile has, of which the microkernel takes one column after the other (BLIS: `packm`).
///
/// The operand's columns are the dimension that is summed over: A comes as it is, B transposed, so that a row here is a row of
/// A or a column of B. Contiguous columns are packed too, though the microkernel could read them in place: cache lines of a
/// panel would be a whole row of the matrix apart, and with a width of 512 they fall into two of the first-level cache's 64 sets
/// (gradients of weights became 1.3 to 1.6 times as fast by packing both operands, with AVX2 on a Zen 3).
struct PackedOperand {
    private let start: UnsafePointer<Float>
    /// The distance from the first row of a panel to the first row of the next, per row.
    private let panelStride: Int
    /// The distance between two rows in a panel: 1, unless the operand is read in place.
    let rowStride: Int
    /// The distance between two columns, which is that between two iterations over the depth.
    let depthStride: Int

    /// Packs a range of rows and depths of an operand into panels of `panelRows`, which is a literal.
    ///
    /// Contiguous rows that fill whole panels are read in place if `readsRowsInPlace`. Others are packed into `memory`, the last
    /// panel padded with zeros.
    @inline(__always)
    init(
        _ operand: MatrixView, rows: Range<Int>, depths: Range<Int>, panelRows: Int, readsRowsInPlace: Bool,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        let source = operand.row(rows.lowerBound) + depths.lowerBound * operand.columnStride
        if readsRowsInPlace && operand.columnStride == 1 && rows.count % panelRows == 0 {
            start = UnsafePointer(source)
            (panelStride, rowStride, depthStride) = (operand.rowStride, operand.rowStride, 1)
            return
        }
        start = UnsafePointer(memory)
        (panelStride, rowStride, depthStride) = (depths.count, 1, panelRows)
        forEachStep(0..<rows.count, by: panelRows) { row in
            packPanel(
                source + row * operand.rowStride, rowStride: operand.rowStride, depthStride: operand.columnStride,
                rows: min(panelRows, rows.count - row), depth: depths.count, panelRows: panelRows,
                into: memory + row * depths.count)
        }
    }

    /// The panel that begins with a row, a multiple of the panels' rows.
    @inline(__always)
    func panel(_ row: Int) -> UnsafePointer<Float> { start + row * panelStride }
}

/// Packs `panelRows` rows of an operand as one panel: `panel[k][row]`. May write up to a register beyond its end.
///
/// One of the two strides is 1. Only the first `rows` of the panel's rows exist; the others become zero.
@inline(__always)
private func packPanel(
    _ source: UnsafePointer<Float>, rowStride: Int, depthStride: Int, rows: Int, depth: Int,
    panelRows: Int, into panel: UnsafeMutablePointer<Float>
) {
    if depthStride == 1 {
        packTransposed(source, rowStride: rowStride, rows: rows, depth: depth, panelRows: panelRows, into: panel)
    } else if rows == panelRows {
        // Whole registers, also where the panel is narrower: a store beyond the panel's width is overwritten by the next
        // column, and a load beyond it reads the operand's next column, which does not exist after the last.
        for k in 0..<depth - 1 {
            let (from, to) = (source + k * depthStride, panel + k * panelRows)
            forEachStep(0..<panelRows, by: vectorWidth) { row in Vector(at: from + row).store(to: to + row) }
        }
        (panel + (depth - 1) * panelRows).update(from: source + (depth - 1) * depthStride, count: panelRows)
    } else {
        panel.update(repeating: 0, count: panelRows * depth)
        for k in 0..<depth { (panel + k * panelRows).update(from: source + k * depthStride, count: rows) }
    }
}

/// Packs contiguous rows by transposing squares of registers.
///
/// Where the panel is narrower than a register, each store extends into the next column, which is stored after it.
@inline(__always)
private func packTransposed(
    _ source: UnsafePointer<Float>, rowStride: Int, rows: Int, depth: Int, panelRows: Int,
    into panel: UnsafeMutablePointer<Float>
) {
    let whole = depth - depth % vectorWidth
    forEachStep(0..<panelRows, by: vectorWidth) { row in
        forEachStep(0..<whole, by: vectorWidth) { k in
            let (from, to) = (source + row * rowStride + k, panel + k * panelRows + row)
            let rows = min(rows - row, vectorWidth)
            if rows == vectorWidth {
                transposeWholeSquare(from: from, stride: rowStride, to: to, stride: panelRows)
            } else if rows == tileRows {
                transposeTileRows(from: from, stride: rowStride, to: to, stride: panelRows)
            } else {
                transposePartOfSquare(from: from, stride: rowStride, rows: max(0, rows), to: to, stride: panelRows)
            }
        }
    }
    for k in whole..<depth {
        for row in 0..<panelRows { panel[k * panelRows + row] = row < rows ? source[row * rowStride + k] : 0 }
    }
}
