/// Attention weights in 8 bits: 255 times the square root, rounded. Small weights keep more of their precision so: the
/// error is at most 1/255 of the weight's own square root, and a weight of 0.00002 is still told from nothing.
enum QuantisedWeights {
    /// One weight.
    static func byte(_ weight: Float) -> UInt8 { UInt8((255 * max(0, min(1, weight)).squareRoot()).rounded()) }

    /// The triangles of all heads, layer after layer.
    static func all(_ trace: ModelTrace, heads: Int) -> [UInt8] {
        trace.attention.indices.flatMap { layer in
            (0..<heads).flatMap { triangle(trace.weights(layer: layer, head: $0)) }
        }
    }

    /// What every character may look at, row after row: one weight in the first row, two in the second, and so on.
    ///
    /// Shape: (T, T) -> T (T + 1) / 2 bytes
    static func triangle(_ rows: [[Float]]) -> [UInt8] {
        rows.enumerated().flatMap { query, row in row[...query].map(byte) }
    }
}
