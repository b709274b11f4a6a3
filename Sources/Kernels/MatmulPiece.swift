import CPUSupport

/// A part of a matrix product that one thread computes, in its own working memory.
///
/// The plan is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): pack both
/// operands into the order in which the innermost kernel reads them, keep a block of the left one in the second-level
/// cache and a panel of the right one in the first.
struct MatmulPiece {
    let left: MatrixElements, right: MatrixElements
    let rows: Range<Int>, columns: Range<Int>

    /// Steps along the depth that are summed in registers before the sum goes to memory.
    private static let depthBlock = 512
    /// Rows that share a packed block of the left operand.
    private static let blockRows = 8 * tileRows

    /// Floats of working memory for a piece with so many columns, of whole panels.
    static func scratch(columns: Int, depth: Int) -> Int {
        min(depth, depthBlock) * (columns + blockRows) + vectorWidth
    }

    /// Computes the piece's part of `c`, summed over `depths`.
    func multiply(
        _ depths: Range<Int>, into c: MatrixElements, accumulate: Bool, _ memory: UnsafeMutablePointer<Float>
    ) {
        forEachStep(depths, by: Self.depthBlock) { first in
            multiplyBlock(
                first..<min(depths.upperBound, first + Self.depthBlock), into: c,
                accumulate: accumulate || first > depths.lowerBound, memory)
        }
    }

    private func multiplyBlock(
        _ depths: Range<Int>, into c: MatrixElements, accumulate: Bool, _ memory: UnsafeMutablePointer<Float>
    ) {
        let panels = (columns.count + tileColumns - 1) / tileColumns
        let packedRight = memory
        let packedLeft = packedRight + panels * tileColumns * depths.count
        packRight(right, columns: columns, depths: depths, into: packedRight)
        forEachStep(rows, by: Self.blockRows) { firstRow in
            let rows = firstRow..<min(rows.upperBound, firstRow + Self.blockRows)
            packLeft(left, rows: rows, depths: depths, into: packedLeft)
            for panel in 0..<panels {
                let firstColumn = columns.lowerBound + panel * tileColumns
                forEachStep(rows, by: tileRows) { row in
                    Self.multiplyTile(
                        packedLeft + (row - firstRow) * depths.count,
                        packedRight + panel * tileColumns * depths.count, depth: depths.count,
                        into: c, rows: row..<min(rows.upperBound, row + tileRows),
                        columns: firstColumn..<min(columns.upperBound, firstColumn + tileColumns),
                        accumulate: accumulate)
                }
            }
        }
    }

    /// Computes one tile; one that sticks out over the edge of the product goes through a tile of its own.
    private static func multiplyTile(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, depth: Int,
        into c: MatrixElements, rows: Range<Int>, columns: Range<Int>, accumulate: Bool
    ) {
        let target = c.row(rows.lowerBound) + columns.lowerBound
        if rows.count == tileRows && columns.count == tileColumns {
            return multiplyWholeTile(
                left, right, depth: depth, into: target, rowStride: c.rowStride, accumulate: accumulate)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: tileRows * tileColumns) { tile in
            let tile = tile.baseAddress!
            multiplyWholeTile(left, right, depth: depth, into: tile, rowStride: tileColumns, accumulate: false)
            for row in 0..<rows.count {
                for column in 0..<columns.count {
                    let sum = tile[row * tileColumns + column]
                    target[row * c.rowStride + column] = accumulate ? target[row * c.rowStride + column] + sum : sum
                }
            }
        }
    }

    /// A whole tile, as a function of its own: inlined into the loops around it, the sums would not stay in registers.
    @inline(never)
    private static func multiplyWholeTile(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, depth: Int,
        into target: UnsafeMutablePointer<Float>, rowStride: Int, accumulate: Bool
    ) {
        Kernels.multiplyTile(
            rows: tileRows, depth: depth, a: left, rowStride: 1, depthStride: tileRows,
            b: right, depthStride: tileColumns, into: target, rowStride: rowStride, accumulate: accumulate)
    }
}
