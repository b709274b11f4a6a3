import CPUSupport

/// The part of a matrix product that one thread computes, packing its operands into the thread's own workspace.
///
/// The blocking is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): a block of A
/// (the left operand) stays in the second-level cache and a micro-panel of B (the right one) in the first, both packed in the
/// order in which the microkernel reads them; whole tiles of an A with contiguous rows are read in place.
struct MacroKernel {
    let left: MatrixView, right: MatrixView
    let rows: Range<Int>, columns: Range<Int>

    /// Rows of a block of A (MC of BLIS).
    private static let blockRows = 8 * tileRows

    /// Rows of the next block when `left` rows are left. Rows that do not fill a tile are a block of their own, so that the
    /// others can be read in place.
    private static func blockRows(_ left: Int) -> Int {
        left >= blockRows ? blockRows : left >= tileRows ? left - left % tileRows : left
    }

    /// A thread's workspace for one K block.
    struct Workspace {
        /// A tile that extends beyond the product's edge.
        let partialTile: UnsafeMutablePointer<Float>
        /// The packed panels of B and the packed block of A; packing may write a register beyond the end.
        let packedRight: UnsafeMutablePointer<Float>, packedLeft: UnsafeMutablePointer<Float>
        /// Floats of all.
        let count: Int

        init(columns: Int, depth: Int, _ memory: UnsafeMutablePointer<Float>) {
            let depth = min(depth, Matmul.depthBlock)
            var layout = WorkspaceLayout()
            partialTile = memory + layout.take(tileRows * tileColumns)
            packedRight = memory + layout.take((columns + tileColumns - 1) / tileColumns * tileColumns * depth)
            packedLeft = memory + layout.take(MacroKernel.blockRows * depth + vectorWidth)
            count = layout.count
        }
    }

    /// Computes this part of `c`, summed over `depths`, plus the addend.
    func multiply(
        _ depths: Range<Int>, into c: MatrixView, plus addend: MatrixView?,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        forEachStep(depths, by: Matmul.depthBlock) { first in
            multiplyBlock(
                first..<min(depths.upperBound, first + Matmul.depthBlock), into: c,
                plus: first > depths.lowerBound ? c : addend, memory)
        }
    }

    private func multiplyBlock(
        _ depths: Range<Int>, into c: MatrixView, plus addend: MatrixView?,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        let workspace = Workspace(columns: columns.count, depth: depths.count, memory)
        let partialTile = workspace.partialTile
        let b = PackedOperand(
            right.transposed, rows: columns, depths: depths, panelRows: tileColumns, readsRowsInPlace: false,
            workspace.packedRight)
        var firstRow = rows.lowerBound
        while firstRow < rows.upperBound {
            let block = firstRow..<firstRow + Self.blockRows(rows.upperBound - firstRow)
            firstRow = block.upperBound
            let a = PackedOperand(
                left, rows: block, depths: depths, panelRows: tileRows, readsRowsInPlace: true,
                workspace.packedLeft)
            let multiply =
                block.count <= shortTileRows
                ? multiplyShortTile : a.rowStride == 1 ? multiplyPackedTile : multiplyRowsTile
            forEachStep(columns, by: tileColumns) { column in
                let panel = b.panel(column - columns.lowerBound)
                forEachStep(block, by: tileRows) { row in
                    let isWhole = row + tileRows <= block.upperBound && column + tileColumns <= columns.upperBound
                    let tile = Tile(
                        a: a, rows: a.panel(row - block.lowerBound), b: b, panel: panel, depth: depths.count,
                        c: isWhole ? c.row(row) + column : partialTile,
                        rowStride: isWhole ? c.rowStride : tileColumns,
                        addend: isWhole ? addend.map { UnsafePointer($0.row(row) + column) } : nil,
                        addendRowStride: addend?.rowStride ?? 0)
                    multiply(tile)
                    if !isWhole {
                        let inRows = row..<min(block.upperBound, row + tileRows)
                        let inColumns = column..<min(columns.upperBound, column + tileColumns)
                        copy(
                            partialTile, to: c.rows(inRows).columns(inColumns),
                            plus: addend?.rows(inRows).columns(inColumns))
                    }
                }
            }
        }
    }

    /// Copies the part of a tile that lies inside the product.
    private func copy(_ tile: UnsafeMutablePointer<Float>, to c: MatrixView, plus addend: MatrixView?) {
        for row in 0..<c.rows {
            let elements = tile + row * tileColumns
            if let addend { add(addend.row(row), to: elements, c.columns) }
            c.row(row).update(from: elements, count: c.columns)
        }
    }
}

/// The arguments of one call of the microkernel.
private struct Tile {
    let a: PackedOperand, rows: UnsafePointer<Float>
    let b: PackedOperand, panel: UnsafePointer<Float>
    let depth: Int
    let c: UnsafeMutablePointer<Float>, rowStride: Int
    let addend: UnsafePointer<Float>?, addendRowStride: Int

    @inline(__always)
    func multiply(rows count: Int, rowStride aRowStride: Int, depthStride: Int) {
        microkernel(
            rows: count, depth: depth, a: rows, rowStride: aRowStride, depthStride: depthStride,
            b: panel, depthStride: b.depthStride, into: c, rowStride: rowStride,
            plus: addend, rowStride: addendRowStride)
    }
}

// Functions of their own: inlined into the loops around them, the accumulators would not stay in registers (430 GFLOP/s
// became 150).

@inline(never)
private func multiplyPackedTile(_ tile: Tile) {
    tile.multiply(rows: tileRows, rowStride: 1, depthStride: tile.a.depthStride)
}

@inline(never)
private func multiplyRowsTile(_ tile: Tile) {
    tile.multiply(rows: tileRows, rowStride: tile.a.rowStride, depthStride: 1)
}

/// The most remaining rows for which a shorter tile pays: it computes fewer padding elements.
private var shortTileRows: Int { tileRows * 2 / 3 }

/// Remaining rows are always packed.
@inline(never)
private func multiplyShortTile(_ tile: Tile) {
    tile.multiply(rows: shortTileRows, rowStride: 1, depthStride: tile.a.depthStride)
}
