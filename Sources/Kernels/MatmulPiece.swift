import CPUSupport

/// A part of a matrix product that one thread computes, in its own working memory.
///
/// The plan is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): keep a block of the
/// left operand in the second-level cache and a panel of the right one in the first, both packed into the order in which
/// the innermost kernel reads them, unless it can read them where they are.
struct MatmulPiece {
    let left: MatrixElements, right: MatrixElements
    let rows: Range<Int>, columns: Range<Int>

    /// Steps along the depth that are summed in registers before the sum goes to memory.
    private static let depthBlock = 512
    /// Rows that share a packed block of the left operand.
    private static let blockRows = 8 * tileRows

    /// How many of the rows that are left make the next block. Those that do not fill a tile are a block of their own, so
    /// that the others can be read in place.
    private static func blockRows(_ left: Int) -> Int {
        left >= blockRows ? blockRows : left >= tileRows ? left - left % tileRows : left
    }

    /// Floats of working memory for a piece with so many columns, of whole panels.
    static func scratch(columns: Int, depth: Int) -> Int {
        tileRows * tileColumns + min(depth, depthBlock) * (columns + blockRows) + vectorWidth
    }

    /// Computes the piece's part of `c`, summed over `depths`, plus that of the addend.
    func multiply(
        _ depths: Range<Int>, into c: MatrixElements, plus addend: MatrixElements?,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        forEachStep(depths, by: Self.depthBlock) { first in
            multiplyBlock(
                first..<min(depths.upperBound, first + Self.depthBlock), into: c,
                plus: first > depths.lowerBound ? c : addend, memory)
        }
    }

    private func multiplyBlock(
        _ depths: Range<Int>, into c: MatrixElements, plus addend: MatrixElements?,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        let packedRight = memory + tileRows * tileColumns
        let packedLeft = packedRight + (columns.count + tileColumns - 1) / tileColumns * tileColumns * depths.count
        let b = TileOperand(
            right.transposed, lines: columns, depths: depths, width: tileColumns, readsSteps: false, packedRight)
        var firstRow = rows.lowerBound
        while firstRow < rows.upperBound {
            let block = firstRow..<firstRow + Self.blockRows(rows.upperBound - firstRow)
            firstRow = block.upperBound
            let a = TileOperand(left, lines: block, depths: depths, width: tileRows, readsSteps: true, packedLeft)
            let multiply =
                block.count <= shortTileRows
                ? multiplyShortTile : a.lineStride == 1 ? multiplyPackedTile : multiplyRowsTile
            forEachStep(columns, by: tileColumns) { column in
                let panel = b.panel(column - columns.lowerBound)
                forEachStep(block, by: tileRows) { row in
                    // A tile that sticks out over the edge of the product is formed beside it.
                    let isWhole = row + tileRows <= block.upperBound && column + tileColumns <= columns.upperBound
                    let tile = Tile(
                        left: a, lines: a.panel(row - block.lowerBound), right: b, panel: panel, depth: depths.count,
                        sums: isWhole ? c.row(row) + column : memory, rowStride: isWhole ? c.rowStride : tileColumns,
                        addend: isWhole ? addend.map { UnsafePointer($0.row(row) + column) } : nil,
                        addendRowStride: addend?.rowStride ?? 0)
                    multiply(tile)
                    if !isWhole {
                        let inRows = row..<min(block.upperBound, row + tileRows)
                        let inColumns = column..<min(columns.upperBound, column + tileColumns)
                        copy(
                            memory, to: c.rows(inRows).columns(inColumns),
                            plus: addend?.rows(inRows).columns(inColumns))
                    }
                }
            }
        }
    }

    /// Copies what of a tile is part of the product.
    private func copy(_ tile: UnsafeMutablePointer<Float>, to c: MatrixElements, plus addend: MatrixElements?) {
        for row in 0..<c.rows {
            let sums = tile + row * tileColumns
            if let addend { add(addend.row(row), to: sums, c.columns) }
            c.row(row).update(from: sums, count: c.columns)
        }
    }
}

/// A tile of the product: what is multiplied, and where the sums go.
private struct Tile {
    let left: TileOperand, lines: UnsafePointer<Float>
    let right: TileOperand, panel: UnsafePointer<Float>
    let depth: Int
    let sums: UnsafeMutablePointer<Float>, rowStride: Int
    let addend: UnsafePointer<Float>?, addendRowStride: Int

    @inline(__always)
    func multiply(rows: Int, lineStride: Int, depthStride: Int) {
        multiplyTile(
            rows: rows, depth: depth, a: lines, rowStride: lineStride, depthStride: depthStride,
            b: panel, depthStride: right.depthStride, into: sums, rowStride: rowStride,
            plus: addend, rowStride: addendRowStride)
    }
}

// These are functions of their own: inlined into the loops around them, the sums would not stay in registers.

@inline(never)
private func multiplyPackedTile(_ tile: Tile) {
    tile.multiply(rows: tileRows, lineStride: 1, depthStride: tile.left.depthStride)
}

@inline(never)
private func multiplyRowsTile(_ tile: Tile) {
    tile.multiply(rows: tileRows, lineStride: tile.left.lineStride, depthStride: 1)
}

/// The most rows that are left over for which a shorter tile is worth while: it computes fewer sums in vain.
private var shortTileRows: Int { tileRows * 2 / 3 }

/// What is left over is always packed.
@inline(never)
private func multiplyShortTile(_ tile: Tile) {
    tile.multiply(rows: shortTileRows, lineStride: 1, depthStride: tile.left.depthStride)
}
