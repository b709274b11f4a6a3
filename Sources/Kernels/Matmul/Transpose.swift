import CPUSupport

/// Transposes a square with sides of one register's width; of the source's rows only the first `rows` are read, the others
/// count as zero.
///
/// Interleaving row i with row i + width/2 is one step of a perfect shuffle; after log2(width) steps every element has
/// arrived at its transposed place. Each step is one permutation instruction per row.
@inline(__always)
private func transposeSquare(
    from source: UnsafePointer<Float>, stride sourceStride: Int, rows count: Int,
    to target: UnsafeMutablePointer<Float>, stride targetStride: Int
) {
    var rows = InlineArray<16, Vector> { row in row < count ? Vector(at: source + row * sourceStride) : Vector() }
    var steps = vectorWidth.trailingZeroBitCount
    while steps > 0 {
        var next = rows
        for row in 0..<vectorWidth / 2 {
            let (upper, lower) = (rows[row], rows[row + vectorWidth / 2])
            next[2 * row].evenHalf = upper.lowHalf
            next[2 * row].oddHalf = lower.lowHalf
            next[2 * row + 1].evenHalf = upper.highHalf
            next[2 * row + 1].oddHalf = lower.highHalf
        }
        rows = next
        steps -= 1
    }
    for row in 0..<vectorWidth { rows[row].store(to: target + row * targetStride) }
}

// Functions of their own, one for each number of rows that matters: inlined into the loops around them, the rows would
// not stay in registers.

@inline(never)
func transposeWholeSquare(
    from source: UnsafePointer<Float>, stride sourceStride: Int,
    to target: UnsafeMutablePointer<Float>, stride targetStride: Int
) {
    transposeSquare(from: source, stride: sourceStride, rows: vectorWidth, to: target, stride: targetStride)
}

@inline(never)
func transposeTileRows(
    from source: UnsafePointer<Float>, stride sourceStride: Int,
    to target: UnsafeMutablePointer<Float>, stride targetStride: Int
) {
    transposeSquare(from: source, stride: sourceStride, rows: tileRows, to: target, stride: targetStride)
}

@inline(never)
func transposePartOfSquare(
    from source: UnsafePointer<Float>, stride sourceStride: Int, rows: Int,
    to target: UnsafeMutablePointer<Float>, stride targetStride: Int
) {
    transposeSquare(from: source, stride: sourceStride, rows: rows, to: target, stride: targetStride)
}

/// Copies a block of `rows` x `columns`, transposed: `target[column][row] = source[row][column]`.
func transposeBlock(
    from source: UnsafePointer<Float>, stride sourceStride: Int, rows: Int, columns: Int,
    to target: UnsafeMutablePointer<Float>, stride targetStride: Int
) {
    let wholeRows = rows - rows % vectorWidth
    let wholeColumns = columns - columns % vectorWidth
    forEachStep(0..<wholeRows, by: vectorWidth) { row in
        forEachStep(0..<wholeColumns, by: vectorWidth) { column in
            transposeWholeSquare(
                from: source + row * sourceStride + column, stride: sourceStride,
                to: target + column * targetStride + row, stride: targetStride)
        }
    }
    for row in 0..<rows {
        for column in (row < wholeRows ? wholeColumns : 0)..<columns {
            target[column * targetStride + row] = source[row * sourceStride + column]
        }
    }
}
