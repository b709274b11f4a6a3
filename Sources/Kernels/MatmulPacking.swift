import CPUSupport

// A packed operand is a row of panels, each as wide as the tile needs it and as deep as the sum, stored step after step
// along the depth: exactly the order in which `multiplyTile` reads. The last panel is filled up with zeros.

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
    forEachStep(0..<whole, by: vectorWidth) { step in
        forEachStep(0..<width, by: vectorWidth) { line in
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

/// Packs rows of the left operand for the depths in `depths`.
func packLeft(_ matrix: MatrixElements, rows: Range<Int>, depths: Range<Int>, into panels: UnsafeMutablePointer<Float>)
{
    var panel = panels
    forEachStep(rows.lowerBound..<rows.upperBound, by: tileRows) { row in
        packPanel(
            matrix.row(row) + depths.lowerBound * matrix.columnStride,
            lineStride: matrix.rowStride, depthStride: matrix.columnStride,
            lines: min(tileRows, rows.upperBound - row), depth: depths.count, width: tileRows, into: panel)
        panel += tileRows * depths.count
    }
}

/// Packs columns of the right operand for the depths in `depths`.
func packRight(
    _ matrix: MatrixElements, columns: Range<Int>, depths: Range<Int>, into panels: UnsafeMutablePointer<Float>
) {
    var panel = panels
    forEachStep(columns, by: tileColumns) { column in
        packPanel(
            matrix.row(depths.lowerBound) + column * matrix.columnStride,
            lineStride: matrix.columnStride, depthStride: matrix.rowStride,
            lines: min(tileColumns, columns.upperBound - column), depth: depths.count, width: tileColumns, into: panel)
        panel += tileColumns * depths.count
    }
}
