import Foundation

/// A text in memory, with its digest and its files.
public struct LoadedText: Sendable {
    /// The characters, one Unicode scalar each, line endings as they were.
    public let scalars: [Unicode.Scalar]
    /// The SHA-256 digest of the bytes as read, all files concatenated: 64 lowercase hexadecimal digits.
    public let sha256: String
    /// Where it came from, in order: the paths as given, `-` for standard input.
    public let paths: [String]

    /// Reads files in order and concatenates them.
    ///
    /// A byte-order mark at the start of a file is dropped; line endings are kept.
    ///
    /// - Parameters:
    ///   - paths: The files, `-` for standard input, which can be named once.
    ///   - standardInput: The file descriptor that `-` stands for.
    /// - Throws: ``TinyGPTError`` when a file cannot be read or is not UTF-8, when there is no text at all, or when `-` is named
    ///   twice.
    public init(paths: [String], standardInput: Int32 = 0) throws {
        if paths.count(where: { $0 == "-" }) > 1 {
            throw TinyGPTError.standardInputTwice
        }
        var scalars: [Unicode.Scalar] = []
        var names: [String] = []
        var hash = SHA256()
        for path in paths {
            let file = path == "-" ? try InputFile(standardInput: standardInput) : try InputFile(path: path, .text)
            names.append(file.name)
            var (pending, offset, line): ([UInt8], Int, Int) = ([], 0, 1)
            /// Decodes what is pending up to its last whole character, so that a pipe is left at its first bad byte.
            func decode(isLast: Bool) throws {
                let whole = isLast ? pending.count : UTF8Decoder.wholeLength(pending)
                if let bad = UTF8Decoder.append(pending[..<whole], isFirst: offset == 0, to: &scalars) {
                    throw TinyGPTError.notUTF8(
                        file: file.name, byte: pending[bad], offset: offset + bad,
                        line: line + pending[..<bad].count { $0 == UInt8(ascii: "\n") },
                        encoding: offset == 0 ? Self.likelyEncoding(pending) : nil)
                }
                offset += whole
                line += pending[..<whole].count { $0 == UInt8(ascii: "\n") }
                pending.removeFirst(whole)
            }
            try file.forEachPiece { piece in
                hash.update(Array(piece))
                pending.append(contentsOf: piece)
                if offset > 0 || pending.count >= 4 { try decode(isLast: false) }
            }
            try decode(isLast: true)
        }
        if scalars.isEmpty {
            let place = names.isEmpty ? "no file was named" : "\(names.joined(separator: ", ")) is empty"
            throw TinyGPTError.emptyText(place: place)
        }
        (self.scalars, self.paths) = (scalars, paths)
        sha256 = hash.finish()
    }

    /// The encoding that a byte-order mark indicates.
    private static func likelyEncoding(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return "UTF-32" }
        return bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? "UTF-16" : nil
    }
}

/// Strict UTF-8 (Unicode Standard, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
///
/// The standard library's decoders repair what is wrong, or say only that something is; a person with a broken file needs
/// to know where.
enum UTF8Decoder {
    /// The length without a last character of which only the beginning is there.
    static func wholeLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            switch bytes[bytes.count - length] {
            case 0x80...0xBF: continue
            case 0xF0...0xF4 where length < 4, 0xE0...0xEF where length < 3, 0xC2...0xDF where length < 2:
                return bytes.count - length
            default: return bytes.count
            }
        }
        return bytes.count
    }

    /// Decodes bytes onto the end of `scalars`; of the `isFirst` ones without a byte-order mark at their start.
    ///
    /// - Returns: The offset at which the first ill-formed sequence begins, or `nil` when all is well.
    static func append(
        _ bytes: some Collection<UInt8>, isFirst: Bool = true, to scalars: inout [Unicode.Scalar]
    ) -> Int? {
        return Array(bytes).withUnsafeBufferPointer { bytes in
            var position = isFirst && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            while position < bytes.count {
                let lead = bytes[position]
                if lead < 0x80 {
                    scalars.append(Unicode.Scalar(lead))
                    position += 1
                } else if let (scalar, length) = multiByteScalar(bytes, at: position) {
                    scalars.append(scalar)
                    position += length
                } else {
                    return position
                }
            }
            return nil
        }
    }

    /// The scalar of two to four bytes that begins at a position, and how many those are.
    private static func multiByteScalar(
        _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        let lead = bytes[position]
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return nil
        }
        guard position + length <= bytes.count else { return nil }
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for next in position + 1..<position + length {
            guard bytes[next] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(bytes[next] & 0x3F)
        }
        let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        // The failable initializer refuses surrogates and what lies above U+10FFFF.
        guard value >= smallest, let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, length)
    }
}
