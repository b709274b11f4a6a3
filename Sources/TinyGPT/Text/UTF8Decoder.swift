/// Strict UTF-8 (Unicode Standard, table 3-7) in pieces of any length: no overlong forms, no surrogates, nothing above U+10FFFF.
///
/// The standard library's decoders repair what is wrong, or say only that something is; a person with a broken file needs
/// to know where.
struct UTF8Decoder {
    /// The first ill-formed sequence.
    struct Failure: Error, Equatable {
        /// Its first byte.
        let byte: UInt8
        /// The bytes before it.
        let offset: Int
        /// Its line, counted from 1.
        let line: Int
    }

    /// The beginning of a sequence that the next piece completes.
    private var unfinished: [UInt8] = []
    /// Bytes decoded, and line breaks among them.
    private var offset = 0
    private var lineBreaks = 0

    /// Decodes a piece onto the end of `scalars`.
    ///
    /// - Throws: ``Failure``.
    mutating func decode(_ piece: [UInt8], into scalars: inout [Unicode.Scalar]) throws(Failure) {
        let bytes = unfinished.isEmpty ? piece : unfinished + piece
        let decoded = Self.decode(bytes, into: &scalars)
        let rest = bytes.count - decoded
        guard rest == 0 || rest < Self.length(ofSequenceAfter: bytes[decoded]) else {
            throw failure(bytes, at: decoded)
        }
        unfinished = Array(bytes[decoded...])
        offset += decoded
        lineBreaks += bytes[..<decoded].count { $0 == UInt8(ascii: "\n") }
    }

    /// Checks that the last sequence is complete.
    ///
    /// - Throws: ``Failure``.
    func finish() throws(Failure) {
        if !unfinished.isEmpty { throw failure(unfinished, at: 0) }
    }

    private func failure(_ bytes: [UInt8], at position: Int) -> Failure {
        Failure(
            byte: bytes[position], offset: offset + position,
            line: 1 + lineBreaks + bytes[..<position].count { $0 == UInt8(ascii: "\n") })
    }

    /// Decodes bytes as far as they are well-formed, and returns how many those are.
    private static func decode(_ bytes: [UInt8], into scalars: inout [Unicode.Scalar]) -> Int {
        bytes.withUnsafeBufferPointer { bytes in
            var position = 0
            while position < bytes.count {
                let lead = bytes[position]
                if lead < 0x80 {
                    scalars.append(Unicode.Scalar(lead))
                    position += 1
                } else if let scalar = scalar(bytes, at: position) {
                    scalars.append(scalar)
                    position += length(ofSequenceAfter: lead)
                } else {
                    break
                }
            }
            return position
        }
    }

    /// The bytes of a sequence with this first one; 0 where none begins with it.
    private static func length(ofSequenceAfter lead: UInt8) -> Int {
        switch lead {
        case 0x00...0x7F: 1
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
    }

    /// The scalar of two to four bytes at a position; nil where they are no such scalar, or not all there.
    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Unicode.Scalar? {
        let lead = bytes[position]
        let length = length(ofSequenceAfter: lead)
        guard length > 1, position + length <= bytes.count else { return nil }
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for next in position + 1..<position + length {
            guard bytes[next] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(bytes[next] & 0x3F)
        }
        let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        // The failable initializer refuses surrogates and what lies above U+10FFFF.
        return value >= smallest ? Unicode.Scalar(value) : nil
    }
}
