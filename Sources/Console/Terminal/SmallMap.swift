/// The triangle of one head, two rows of cells in each line of text, which makes a cell about square.
package struct SmallMap {
    /// The largest weight of each cell, nil for cells that are all in the future.
    private let cells: [[Float?]]

    /// Columns.
    package var width: Int { cells.count }

    /// Makes cells of `step` x `step` weights.
    package init(_ weights: [[Float]], step: Int) {
        let count = (weights.count + step - 1) / step
        cells = (0..<count).map { row in
            let queries = row * step..<min(weights.count, (row + 1) * step)
            return (0..<count).map { column in
                column > row
                    ? nil
                    : queries.flatMap { query -> ArraySlice<Float> in
                        let last = min(query + 1, (column + 1) * step)
                        return column * step < last ? weights[query][column * step..<last] : []
                    }.max() ?? 0
            }
        }
    }

    /// The map as lines of equal width, each followed by a gap.
    package func lines(_ scale: HeatScale, gap: Int) -> [String] {
        stride(from: 0, to: cells.count, by: 2).map { row in
            let lower = row + 1 < cells.count ? cells[row + 1] : [Float?](repeating: nil, count: width)
            return zip(cells[row], lower).map(scale.halves).joined() + String(repeating: " ", count: gap)
        }
    }
}
