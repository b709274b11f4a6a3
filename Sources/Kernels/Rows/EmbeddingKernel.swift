import CPUSupport

/// Embedding: rows of a table, gathered by index.
package enum EmbeddingKernel {
    /// Copies row `indices[i]` of the table to row i of the output.
    ///
    /// Shape: `table` (entries, width), `indices` (rows) -> (rows, width)
    package static func gather(_ table: Buffer, width: Int, indices: [Int32], output: Buffer) {
        require(
            width > 0 && table.count % width == 0 && output.count == indices.count * width,
            "\(indices.count) rows of \(width) from a table of \(table.count) into \(output.count)")
        let entries = table.count / width
        require(indices.allSatisfy { $0 >= 0 && $0 < entries }, "an index is not in 0..<\(entries)")
        let (source, target) = (table.pointer, output.pointer)
        Parallel.forEachRange(indices.count, grain: 64) { rows in
            for row in rows {
                (target + row * width).update(from: source + Int(indices[row]) * width, count: width)
            }
        }
    }

    /// Adds row i of the gradient to row `indices[i]` of the table's gradient, which it sets to zero first.
    ///
    /// Threads share out the channels, so that every sum is formed in the order of the rows.
    package static func scatterAdd(_ gradient: Buffer, width: Int, indices: [Int32], tableGradient: Buffer) {
        require(
            width > 0 && tableGradient.count % width == 0 && gradient.count == indices.count * width,
            "\(gradient.count) gradients for \(indices.count) rows of \(width)")
        let entries = tableGradient.count / width
        require(indices.allSatisfy { $0 >= 0 && $0 < entries }, "an index is not in 0..<\(entries)")
        let (source, target) = (gradient.pointer, tableGradient.pointer)
        Parallel.forEachRange(width, grain: 2 * vectorWidth) { range in
            for entry in 0..<entries {
                (target + entry * width + range.lowerBound).update(repeating: 0, count: range.count)
            }
            for (row, index) in indices.enumerated() {
                add(
                    source + row * width + range.lowerBound,
                    to: target + Int(index) * width + range.lowerBound, range.count)
            }
        }
    }
}
