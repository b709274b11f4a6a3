import Foundation

/// A text in memory, with what identifies it.
public struct LoadedText: Sendable {
    /// The characters, one Unicode scalar each, line endings as they were.
    public let scalars: [Unicode.Scalar]
    /// The SHA-256 digest of the bytes as read, all files concatenated: 64 lowercase hexadecimal digits.
    public let sha256: String
    /// Where it came from, in order: the paths as given, `-` for standard input.
    public let paths: [String]
}

/// Turns files of UTF-8 text into characters.
public enum TextReader {
    /// Reads files in order and concatenates them.
    ///
    /// A byte-order mark at the start of a file is dropped; line endings are kept.
    ///
    /// - Parameters:
    ///   - paths: The files, `-` for standard input, which can be named once.
    ///   - standardInput: The file descriptor that `-` stands for.
    /// - Returns: The characters of all files, with the digest of their bytes.
    /// - Throws: `.missingInput` when a file is not there or is a folder, `.inputOutput` when it cannot be read, `.badData`
    ///   when it is not UTF-8 or when there is no text at all, `.usage` when `-` is named twice.
    public static func read(paths: [String], standardInput: Int32 = 0) throws -> LoadedText {
        if paths.count(where: { $0 == "-" }) > 1 {
            throw TinyGPTError(.usage, "'-' (standard input) is named twice, but it can be read only once")
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
                throw notUTF8(file.name, bytes, at: bad, files: path == "-" ? "" : " '\(path)' > utf8.txt")
            }
        }
        if scalars.isEmpty {
            let place = names.isEmpty ? "no file was named" : "\(names.joined(separator: ", ")) is empty"
            throw TinyGPTError(.badData, "there is no text: \(place); name a file with text in it")
        }
        return LoadedText(scalars: scalars, sha256: hash.finish(), paths: paths)
    }

    private static func notUTF8(
        _ name: String, _ bytes: [UInt8], at offset: Int, files: String
    ) -> TinyGPTError {
        let line = 1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
        let digits = String(bytes[offset], radix: 16, uppercase: true)
        let encoding = likelyEncoding(bytes)
        let guess = encoding.map { "It looks like \($0)" } ?? "It may be Latin-1"
        return TinyGPTError(
            .badData,
            """
            \(name) is not UTF-8: bad byte 0x\(digits) at byte offset \(offset) (line \(line)).
            \(guess); convert it: iconv -f \(encoding ?? "LATIN1") -t UTF-8\(files)
            """)
    }

    /// The encoding that a byte-order mark gives away.
    private static func likelyEncoding(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return "UTF-32" }
        return bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? "UTF-16" : nil
    }
}
