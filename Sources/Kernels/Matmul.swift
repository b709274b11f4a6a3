import CPUSupport

/// The product of two matrices, either of them transposed or not.
///
/// The plan is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): pack both
/// operands into the order in which the innermost kernel reads them, keep a block of the left one in the second-level
/// cache, stream the panels of the right one past it. Threads share out blocks of the product, never parts of a sum, so
/// every element is summed in the same order at any number of threads.
package enum Matmul {
    /// Steps along the depth that are summed in registers before the sum goes to memory.
    private static let depthBlock = 512
    /// Tiles below each other that share a packed block of the left operand.
    private static let rowTiles = 8

    /// Computes `c = a b`, or `c += a b`.
    ///
    /// Shape: (m, k) x (k, n) -> (m, n). `c` is stored row after row and is neither `a` nor `b`.
    package static func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix, accumulate: Bool = false) {
        let (left, right, product) = (a.elements, b.elements, c.elements)
        require(
            left.columns > 0 && left.columns == right.rows && product.rows == left.rows
                && product.columns == right.columns
                && product.columnStride == 1,
            "(\(left.rows), \(left.columns)) x (\(right.rows), \(right.columns)) "
                + "is not (\(product.rows), \(product.columns))")
        withExtendedLifetime((a, b, c)) {
            if left.rows <= MatrixVector.rowLimit {
                MatrixVector.multiply(left, right, into: product, accumulate: accumulate)
            } else {
                multiply(left, right, into: product, accumulate: accumulate)
            }
        }
    }

    private static func multiply(
        _ a: MatrixElements, _ b: MatrixElements, into c: MatrixElements, accumulate: Bool
    ) {
        let depth = a.columns
        let panels = (b.columns + tileColumns - 1) / tileColumns
        Buffer.withScratch(panels * depth * tileColumns) { packed in
            Parallel.forEach(panels) { panel in
                packRight(b, panel: panel, into: packed + panel * depth * tileColumns)
            }
            let tiles = (a.rows + tileRows - 1) / tileRows
            let rowBlocks = (tiles + rowTiles - 1) / rowTiles
            let blockRows = (tiles + rowBlocks - 1) / rowBlocks * tileRows
            // A few pieces for each thread, so that none waits long for the others at the end.
            let wanted = Parallel.threads * 4
            let panelGroups = rowBlocks >= wanted ? 1 : min(panels, (wanted + rowBlocks - 1) / rowBlocks)
            let groupPanels = (panels + panelGroups - 1) / panelGroups
            Parallel.forEach(rowBlocks * panelGroups) { task in
                let firstRow = task % rowBlocks * blockRows
                let firstPanel = min(panels, task / rowBlocks * groupPanels)
                multiplyBlock(
                    a, rows: firstRow..<min(a.rows, firstRow + blockRows),
                    packed, panels: firstPanel..<min(panels, firstPanel + groupPanels),
                    into: c, accumulate: accumulate)
            }
        }
    }

    /// Computes the part of the product in these rows and these panels of columns.
    private static func multiplyBlock(
        _ a: MatrixElements, rows: Range<Int>, _ packed: UnsafePointer<Float>, panels: Range<Int>,
        into c: MatrixElements, accumulate: Bool
    ) {
        let depth = a.columns
        let tiles = (rows.count + tileRows - 1) / tileRows
        Buffer.withScratch(tiles * tileRows * min(depth, depthBlock) + vectorWidth) { left in
            forEachStep(0..<depth, by: depthBlock) { start in
                let depths = start..<min(depth, start + depthBlock)
                packLeft(a, rows: rows, depths: depths, into: left)
                for panel in panels {
                    let right = packed + (panel * depth + start) * tileColumns
                    let columns = panel * tileColumns..<min(c.columns, (panel + 1) * tileColumns)
                    for tile in 0..<tiles {
                        let row = rows.lowerBound + tile * tileRows
                        multiplyPanels(
                            left + tile * tileRows * depths.count, right, depth: depths.count,
                            into: c, rows: row..<min(rows.upperBound, row + tileRows), columns: columns,
                            accumulate: accumulate || start > 0)
                    }
                }
            }
        }
    }

    /// Computes one tile; one that sticks out over the edge of the product goes through a tile of its own.
    private static func multiplyPanels(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, depth: Int,
        into c: MatrixElements, rows: Range<Int>, columns: Range<Int>, accumulate: Bool
    ) {
        let target = c.row(rows.lowerBound) + columns.lowerBound
        if rows.count == tileRows && columns.count == tileColumns {
            return multiplyPanels(
                left, right, depth: depth, into: target, rowStride: c.rowStride, accumulate: accumulate)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: tileRows * tileColumns) { tile in
            let tile = tile.baseAddress!
            multiplyPanels(left, right, depth: depth, into: tile, rowStride: tileColumns, accumulate: false)
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
    private static func multiplyPanels(
        _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, depth: Int,
        into target: UnsafeMutablePointer<Float>, rowStride: Int, accumulate: Bool
    ) {
        multiplyTile(
            rows: tileRows, depth: depth, a: left, rowStride: 1, depthStride: tileRows,
            b: right, depthStride: tileColumns, into: target, rowStride: rowStride, accumulate: accumulate)
    }
}
