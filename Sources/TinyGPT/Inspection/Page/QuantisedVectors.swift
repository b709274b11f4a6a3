import Foundation

/// Queries and keys as whole numbers with a scale for each vector, so that a page can show the arithmetic of any pair.
struct QuantisedVectors: Encodable {
    /// Bits of each number: 16, or 8 where there are so many that the page would become large.
    let bits: Int
    /// The numbers of each layer, head and position: query, then key. 16 bits: little-endian, in base64.
    let plain: String?
    /// 8 bits: the same, two's complement.
    let packed: HuffmanCode?
    /// What the largest number stands for, for each vector: 32-bit floats, little-endian, in base64.
    let scales: String

    /// Vectors beyond this count of numbers get 8 bits each.
    private static let plainLimit = 300_000

    /// Takes the queries and keys out of a trace.
    init(_ trace: ModelTrace, heads: Int) {
        let count = trace.tokens.count
        let width = trace.queryKeyValue[0].shape[-1] / 3
        let isLarge = 2 * trace.queryKeyValue.count * count * width > Self.plainLimit
        let largest: Float = isLarge ? 127 : 32767
        var (numbers, scales): ([Int16], [Float]) = ([], [])
        for layer in trace.queryKeyValue {
            let values = layer.values
            for head in 0..<heads {
                for position in 0..<count {
                    for part in 0..<2 {
                        let start = position * 3 * width + part * width + head * (width / heads)
                        let vector = values[start..<start + width / heads]
                        let scale = max(vector.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
                        scales.append(scale)
                        numbers.append(contentsOf: vector.map { Int16(($0 / scale * largest).rounded()) })
                    }
                }
            }
        }
        bits = isLarge ? 8 : 16
        packed = isLarge ? HuffmanCode(numbers.map { UInt8(bitPattern: Int8($0)) }) : nil
        plain = isLarge ? nil : numbers.map(\.littleEndian).withUnsafeBytes { Data($0).base64EncodedString() }
        self.scales = Self.base64(scales)
    }

    /// 32-bit floats, little-endian, in base64.
    static func base64(_ floats: [Float]) -> String {
        floats.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0).base64EncodedString() }
    }
}
