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
            let file = path == "-" ? InputFile(standardInput: standardInput) : try InputFile(path: path)
            let bytes = try file.readToEnd()
            hash.update(bytes)
            names.append(file.name)
            if let bad = UTF8Decoder.append(bytes, to: &scalars) {
                throw TinyGPTError.notUTF8(
                    file: file.name, byte: bytes[bad], offset: bad,
                    line: 1 + bytes[..<bad].count { $0 == UInt8(ascii: "\n") }, encoding: Self.likelyEncoding(bytes))
            }
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
    /// Decodes bytes, without a byte-order mark at their start, onto the end of `scalars`.
    ///
    /// - Returns: The offset at which the first ill-formed sequence begins, or `nil` when all is well.
    static func append(_ bytes: [UInt8], to scalars: inout [Unicode.Scalar]) -> Int? {
        scalars.reserveCapacity(scalars.count + bytes.count)
        return bytes.withUnsafeBufferPointer { bytes in
            var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
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
