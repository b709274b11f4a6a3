extension Reference {
    /// Row `indices[i]` of a table as row i.
    ///
    /// Shape: `table` (entries, channels), `indices` (rows) -> (rows, channels)
    package static func embedding(_ table: [Float], channels: Int, indices: [Int32]) -> [Float] {
        indices.flatMap { index in (0..<channels).map { table[Int(index) * channels + $0] } }
    }

    /// The gradient of the table: each entry's is the sum over the rows that it became.
    ///
    /// Shape: `outputGradient` (rows, channels), `indices` (rows) -> (entries, channels)
    package static func embeddingGradient(
        _ outputGradient: [Float], channels: Int, indices: [Int32], entries: Int
    ) -> [Float] {
        (0..<entries).flatMap { entry in
            (0..<channels).map { channel in
                Float(
                    indices.indices.filter { Int(indices[$0]) == entry }
                        .reduce(0) { $0 + Double(outputGradient[$1 * channels + channel]) })
            }
        }
    }
}
