import CPUSupport

// A packed operand is a row of panels, each as wide as the tile needs it and as deep as the sum, stored step after step
// along the depth: exactly the order in which `multiplyTile` reads. The last panel is filled up with zeros.

/// Packs `width` lines of a matrix as one panel: `panel[step][line]`.
///
/// - Parameters:
///   - source: The first element.
///   - lineStride: From one line to the next.
///   - depthStride: From one step along the depth to the next. This or `lineStride` is 1.
///   - lines: How many lines there are, at most `width`; the others become zero.
@inline(__always)
private func packPanel(
    _ source: UnsafePointer<Float>, lineStride: Int, depthStride: Int, lines: Int, depth: Int,
    width: Int, into panel: UnsafeMutablePointer<Float>
) {
    if lines < width { panel.update(repeating: 0, count: width * depth) }
    if depthStride == 1 {
        transposeBlock(from: source, stride: lineStride, rows: lines, columns: depth, to: panel, stride: width)
    } else if lines == width {
        for step in 0..<depth {
            (panel + step * width).update(from: source + step * depthStride, count: width)
        }
    } else {
        for step in 0..<depth {
            (panel + step * width).update(from: source + step * depthStride, count: lines)
        }
    }
}

/// Packs rows of the left operand for the depths in `depths`.
func packLeft(_ matrix: Matrix, rows: Range<Int>, depths: Range<Int>, into panels: UnsafeMutablePointer<Float>) {
    var panel = panels
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: tileRows) {
        packPanel(
            matrix.row(row) + depths.lowerBound * matrix.columnStride,
            lineStride: matrix.rowStride, depthStride: matrix.columnStride,
            lines: min(tileRows, rows.upperBound - row), depth: depths.count, width: tileRows, into: panel)
        panel += tileRows * depths.count
    }
}

/// Packs one panel of columns of the right operand over its whole depth.
func packRight(_ matrix: Matrix, panel index: Int, into panel: UnsafeMutablePointer<Float>) {
    let column = index * tileColumns
    packPanel(
        matrix.row(0) + column * matrix.columnStride,
        lineStride: matrix.columnStride, depthStride: matrix.rowStride,
        lines: min(tileColumns, matrix.columns - column), depth: matrix.rows, width: tileColumns, into: panel)
}
