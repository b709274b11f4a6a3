import CPUSupport

/// An operand of a matrix product in the order in which ``microkernel`` reads it: panels as wide as the register tile,
/// step after step along the depth.
///
/// A *line* is a row of A or a column of B; the matrices given here have them as rows.
struct PackedOperand {
    private let start: UnsafePointer<Float>
    /// The distance between the first elements of two lines in different panels, per line.
    private let panelStride: Int
    /// The distance between two lines in a panel: 1, unless steps along the depth are adjacent in memory.
    let lineStride: Int
    /// The distance between two steps along the depth.
    let depthStride: Int

    /// Packs a range of lines and depths of a matrix into panels of `width` lines, which is a literal.
    ///
    /// Lines that are adjacent in memory are read in place, and so are, if `readsDepthInPlace`, lines whose steps are. The
    /// rest is packed into `memory`: a sequence of panels, the last of them padded with zeros.
    @inline(__always)
    init(
        _ matrix: MatrixView, lines: Range<Int>, depths: Range<Int>, width: Int, readsDepthInPlace: Bool,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        let source = matrix.row(lines.lowerBound) + depths.lowerBound * matrix.columnStride
        if lines.count % width == 0 && (matrix.rowStride == 1 || readsDepthInPlace && matrix.columnStride == 1) {
            start = UnsafePointer(source)
            (panelStride, lineStride, depthStride) = (matrix.rowStride, matrix.rowStride, matrix.columnStride)
            return
        }
        start = UnsafePointer(memory)
        (panelStride, lineStride, depthStride) = (depths.count, 1, width)
        forEachStep(0..<lines.count, by: width) { line in
            packPanel(
                source + line * matrix.rowStride, lineStride: matrix.rowStride, depthStride: matrix.columnStride,
                lines: min(width, lines.count - line), depth: depths.count, width: width,
                into: memory + line * depths.count)
        }
    }

    /// The panel whose first line has this number.
    @inline(__always)
    func panel(_ line: Int) -> UnsafePointer<Float> { start + line * panelStride }
}

/// Packs `width` lines of a matrix as one panel: `panel[step][line]`. May write up to a register beyond its end.
///
/// One of the two strides is 1. Only the first `lines` of the `width` lines exist; the others become zero.
@inline(__always)
private func packPanel(
    _ source: UnsafePointer<Float>, lineStride: Int, depthStride: Int, lines: Int, depth: Int,
    width: Int, into panel: UnsafeMutablePointer<Float>
) {
    if depthStride == 1 {
        packTransposed(source, lineStride: lineStride, lines: lines, depth: depth, width: width, into: panel)
    } else if lines == width {
        // Whole registers, also where the panel is narrower: a store beyond the panel's width is overwritten by the next
        // step, and a load beyond it reads the next row, which does not exist for the last step.
        for step in 0..<depth - 1 {
            let (from, to) = (source + step * depthStride, panel + step * width)
            forEachStep(0..<width, by: vectorWidth) { line in Vector(at: from + line).store(to: to + line) }
        }
        (panel + (depth - 1) * width).update(from: source + (depth - 1) * depthStride, count: width)
    } else {
        panel.update(repeating: 0, count: width * depth)
        for step in 0..<depth { (panel + step * width).update(from: source + step * depthStride, count: lines) }
    }
}

/// Packs lines that are stored one after the other by transposing squares of registers.
///
/// Where the panel is narrower than a register, each store extends into the next step, which is stored after it.
@inline(__always)
private func packTransposed(
    _ source: UnsafePointer<Float>, lineStride: Int, lines: Int, depth: Int, width: Int,
    into panel: UnsafeMutablePointer<Float>
) {
    let whole = depth - depth % vectorWidth
    forEachStep(0..<width, by: vectorWidth) { line in
        forEachStep(0..<whole, by: vectorWidth) { step in
            let (from, to) = (source + line * lineStride + step, panel + step * width + line)
            let rows = min(lines - line, vectorWidth)
            if rows == vectorWidth {
                transposeWholeSquare(from: from, stride: lineStride, to: to, stride: width)
            } else if rows == tileRows {
                transposeTileRows(from: from, stride: lineStride, to: to, stride: width)
            } else {
                transposePartOfSquare(from: from, stride: lineStride, rows: max(0, rows), to: to, stride: width)
            }
        }
    }
    for step in whole..<depth {
        for line in 0..<width { panel[step * width + line] = line < lines ? source[line * lineStride + step] : 0 }
    }
}
