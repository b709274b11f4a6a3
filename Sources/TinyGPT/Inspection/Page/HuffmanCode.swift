import Foundation

/// Bytes in fewer bits: frequent ones get short codes (Huffman 1952), so that a page of a million weights stays small.
///
/// The code is canonical: of codes of one length, that of the smaller byte comes first. So the lengths alone, one for each
/// byte from 0 to 255, tell how to decode.
struct HuffmanCode: Encodable {
    /// How many bytes there are.
    let count: Int
    /// The length of every byte's code in bits, 0 for those that do not occur; 256 bytes in base64.
    let lengths: String
    /// The codes one after the other, highest bit first; in base64.
    let bits: String

    /// The longest code, so that a table of all of them fits a cache.
    private static let limit = 15

    /// Encodes bytes.
    init(_ bytes: [UInt8]) {
        var frequencies = [Int](repeating: 0, count: 256)
        for byte in bytes { frequencies[Int(byte)] += 1 }
        let lengths = Self.lengths(frequencies)
        let codes = Self.codes(lengths)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        var (pending, pendingCount): (UInt64, Int) = (0, 0)
        for byte in bytes {
            pending = pending << UInt64(lengths[Int(byte)]) | codes[Int(byte)]
            pendingCount += lengths[Int(byte)]
            while pendingCount >= 8 {
                pendingCount -= 8
                encoded.append(UInt8(truncatingIfNeeded: pending >> UInt64(pendingCount)))
            }
        }
        if pendingCount > 0 { encoded.append(UInt8(truncatingIfNeeded: pending << UInt64(8 - pendingCount))) }
        count = bytes.count
        self.lengths = Data(lengths.map { UInt8($0) }).base64EncodedString()
        bits = Data(encoded).base64EncodedString()
    }

    /// The length of each code: again and again, the two rarest groups of bytes become one, a bit longer.
    static func lengths(_ frequencies: [Int]) -> [Int] {
        var lengths = [Int](repeating: 0, count: 256)
        var groups = frequencies.indices.filter { frequencies[$0] > 0 }.map { (weight: frequencies[$0], bytes: [$0]) }
        if groups.count == 1 { lengths[groups[0].bytes[0]] = 1 }
        while groups.count > 1 {
            groups.sort { ($0.weight, $0.bytes[0]) > ($1.weight, $1.bytes[0]) }
            let (a, b) = (groups.removeLast(), groups.removeLast())
            for byte in a.bytes + b.bytes { lengths[byte] += 1 }
            groups.append((a.weight + b.weight, a.bytes + b.bytes))
        }
        // Very rare bytes beside very frequent ones would get longer codes; made less rare, they do not.
        guard lengths.contains(where: { $0 > limit }) else { return lengths }
        return self.lengths(frequencies.map { $0 > 0 ? $0 / 2 + 1 : 0 })
    }

    private static func codes(_ lengths: [Int]) -> [UInt64] {
        var codes = [UInt64](repeating: 0, count: 256)
        var code: UInt64 = 0
        for length in 1...limit {
            for byte in 0..<256 where lengths[byte] == length {
                codes[byte] = code
                code += 1
            }
            code <<= 1
        }
        return codes
    }
}
