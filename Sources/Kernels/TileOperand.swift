import CPUSupport

/// An operand as ``multiplyTile`` reads it: panels of as many lines as the tile has, step after step along the depth.
///
/// The lines of the left operand are its rows, those of the right one its columns; the matrices here have them as rows.
struct TileOperand {
    private let start: UnsafePointer<Float>
    /// How far it is from a line to the next one, from panel to panel.
    private let panelStride: Int
    /// How far it is from a line to the next one in a panel: 1, or the steps lie side by side.
    let lineStride: Int
    /// How far it is from a step to the next one.
    let depthStride: Int

    /// Prepares some lines and depths of a matrix for panels of `width` lines, which is a literal.
    ///
    /// Lines that lie side by side are read where they are, and so are others for which `readsSteps` says that steps may
    /// lie side by side. The rest is packed into `memory`: a row of panels, the last of them filled up with zeros.
    @inline(__always)
    init(
        _ matrix: MatrixElements, lines: Range<Int>, depths: Range<Int>, width: Int, readsSteps: Bool,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        let source = matrix.row(lines.lowerBound) + depths.lowerBound * matrix.columnStride
        if lines.count % width == 0 && (matrix.rowStride == 1 || readsSteps && matrix.columnStride == 1) {
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

    /// Where the panel begins whose first line is so many lines after the first of all.
    @inline(__always)
    func panel(_ line: Int) -> UnsafePointer<Float> { start + line * panelStride }
}

/// Packs `width` lines of a matrix as one panel: `panel[step][line]`. May write up to a register beyond its end.
///
/// `lineStride` leads from one line to the next and `depthStride` from one step along the depth to the next; one of them
/// is 1. Of the `width` lines only the first `lines` are there; the others become zero.
@inline(__always)
private func packPanel(
    _ source: UnsafePointer<Float>, lineStride: Int, depthStride: Int, lines: Int, depth: Int,
    width: Int, into panel: UnsafeMutablePointer<Float>
) {
    if depthStride == 1 {
        packTransposed(source, lineStride: lineStride, lines: lines, depth: depth, width: width, into: panel)
    } else if lines == width {
        // Whole registers, also where the panel is narrower: what spills over is overwritten by the next step, and what is
        // read too much is the next row, which the last step does not have.
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

/// Packs lines that are stored one after the other, a square of registers at a time.
///
/// Where the panel is narrower than a register, each store spills over into the next step, which is stored after it.
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
