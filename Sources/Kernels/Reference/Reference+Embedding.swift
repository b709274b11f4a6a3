extension Reference {
    /// Row `indices[i]` of a table as row i.
    ///
    /// Shape: `table` (entries, width), `indices` (rows) -> (rows, width)
    package static func embedding(_ table: [Float], width: Int, indices: [Int32]) -> [Float] {
        indices.flatMap { index in (0..<width).map { table[Int(index) * width + $0] } }
    }

    /// The gradient of the table: each entry's is the sum over the rows that it became.
    ///
    /// Shape: `outputGradient` (rows, width), `indices` (rows) -> (entries, width)
    package static func embeddingGradient(
        _ outputGradient: [Float], width: Int, indices: [Int32], entries: Int
    ) -> [Float] {
        (0..<entries).flatMap { entry in
            (0..<width).map { channel in
                Float(
                    indices.indices.filter { Int(indices[$0]) == entry }
                        .reduce(0) { $0 + Double(outputGradient[$1 * width + channel]) })
            }
        }
    }
}
