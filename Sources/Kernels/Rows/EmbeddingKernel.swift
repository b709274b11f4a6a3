import CPUSupport

/// Embedding: rows of a table, gathered by index.
package enum EmbeddingKernel {
    /// Copies row `indices[i]` of the table to row i of the output.
    ///
    /// Shape: `table` (entries, channels), `indices` (rows) -> (rows, channels)
    package static func gather(_ table: Buffer, channels: Int, indices: [Int32], output: Buffer) {
        require(
            channels > 0 && table.count % channels == 0 && output.count == indices.count * channels,
            "\(indices.count) rows of \(channels) from a table of \(table.count) into \(output.count)")
        let entries = table.count / channels
        require(indices.allSatisfy { $0 >= 0 && $0 < entries }, "an index is not below \(entries)")
        let (source, target) = (table.pointer, output.pointer)
        Parallel.forEachRange(indices.count, grain: 64) { rows in
            for row in rows {
                (target + row * channels).update(from: source + Int(indices[row]) * channels, count: channels)
            }
        }
    }

    /// Adds row i of the gradient to row `indices[i]` of the table's gradient, which it sets to zero first.
    ///
    /// Threads share out the channels, so that every sum is formed in the order of the rows.
    package static func scatterAdd(_ gradient: Buffer, channels: Int, indices: [Int32], tableGradient: Buffer) {
        require(
            channels > 0 && tableGradient.count % channels == 0 && gradient.count == indices.count * channels,
            "\(gradient.count) gradients for \(indices.count) rows of \(channels)")
        let entries = tableGradient.count / channels
        require(indices.allSatisfy { $0 >= 0 && $0 < entries }, "an index is not below \(entries)")
        let (source, target) = (gradient.pointer, tableGradient.pointer)
        Parallel.forEachRange(channels, grain: 2 * vectorWidth) { range in
            for entry in 0..<entries {
                (target + entry * channels + range.lowerBound).update(repeating: 0, count: range.count)
            }
            for (row, index) in indices.enumerated() {
                add(
                    source + row * channels + range.lowerBound,
                    to: target + Int(index) * channels + range.lowerBound, range.count)
            }
        }
    }
}
