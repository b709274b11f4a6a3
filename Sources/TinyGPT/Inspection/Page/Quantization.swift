import Foundation

/// Attention weights in 8 bits: 255 times the square root, rounded. Small weights keep more of their precision so: the
/// error is at most 1/255 of the weight's own square root, and a weight of 0.00002 is not rounded to 0.
enum QuantizedWeights {
    /// One weight.
    static func byte(_ weight: Float) -> UInt8 { UInt8((255 * max(0, min(1, weight)).squareRoot()).rounded()) }

    /// The triangles of all heads, layer after layer.
    static func all(_ trace: ModelTrace) -> [UInt8] {
        trace.attention.indices.flatMap { layer in
            (0..<trace.heads).flatMap { triangle(trace.weights(layer: layer, head: $0)) }
        }
    }

    /// The lower triangle, row after row: one weight in the first row, two in the second, and so on.
    ///
    /// Shape: (T, T) -> T (T + 1) / 2 bytes
    static func triangle(_ rows: [[Float]]) -> [UInt8] {
        rows.enumerated().flatMap { query, row in row[...query].map(byte) }
    }
}

/// Queries and keys in 8 bits with a scale per vector, from which a page shows the arithmetic of any pair.
struct QuantizedVectors: Encodable {
    /// The numbers of each layer, head and position, query, then key: two's complement, 127 for the largest.
    let packed: HuffmanCode
    /// What the largest number stands for, for each vector: 32-bit floats, little-endian, in base64.
    let scales: String
    /// True where they are normalized and rotated by their position: in a modern model.
    let rotated: Bool?

    /// Quantizes the queries and keys of a trace.
    init(_ trace: ModelTrace) {
        let count = trace.tokens.count
        let (heads, headWidth) = (trace.heads, trace.headWidth)
        let width = heads * headWidth
        var (numbers, scales): ([UInt8], [Float]) = ([], [])
        for layer in trace.queryKeyValue {
            let values = layer.values
            for head in 0..<heads {
                for position in 0..<count {
                    for part in 0..<2 {
                        let start = position * 3 * width + part * width + head * headWidth
                        let vector = values[start..<start + headWidth]
                        let scale = max(vector.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
                        scales.append(scale)
                        numbers += vector.map { UInt8(bitPattern: Int8(($0 / scale * 127).rounded())) }
                    }
                }
            }
        }
        packed = HuffmanCode(numbers)
        self.scales = Self.base64(scales)
        rotated = trace.architecture == .modern ? true : nil
    }

    /// 32-bit floats, little-endian, in base64.
    static func base64(_ floats: [Float]) -> String {
        floats.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0).base64EncodedString() }
    }
}
