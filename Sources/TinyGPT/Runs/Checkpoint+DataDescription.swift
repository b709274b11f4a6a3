extension Checkpoint {
    /// The text of a training, by which another text is recognized.
    public struct DataDescription: Codable, Equatable, Sendable {
        /// The SHA-256 digest of its bytes, all files concatenated: 64 lowercase hexadecimal digits; empty for no text.
        public var sha256: String
        /// The paths of its files in order, `-` for standard input, ``LoadedText/builtInName`` for the built-in text; empty for a
        /// model that was imported.
        public var files: [String]
        /// Whether it was read as lines, as by ``LoadedText/init(paths:lines:standardInput:limit:progress:)``; nil for one text, as
        /// in older files.
        public var lines: Bool?

        /// The description of a text, not validated.
        ///
        /// - Parameters:
        ///   - sha256: The SHA-256 digest of its bytes, 64 lowercase hexadecimal digits, or nothing where there is no text.
        ///   - files: The paths of its files in order, `-` for standard input.
        ///   - lines: Whether it was read as lines.
        public init(sha256: String, files: [String], lines: Bool = false) {
            self.sha256 = sha256
            self.files = files
            self.lines = lines ? true : nil
        }
    }
}

extension Checkpoint.DataDescription {
    /// The longest path that systems take, in bytes.
    private static let longestPath = 4096

    /// What no description of a text has, in words; nil when all is valid.
    var problem: String? {
        guard sha256.utf8.count <= 64, sha256.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
            return "the SHA-256 '\(sha256.excerpt)', expected at most 64 hexadecimal digits"
        }
        if let path = files.first(where: { !(1...Self.longestPath).contains($0.utf8.count) || $0.utf8.contains(0) }) {
            return "the file '\(path.excerpt)', expected a path of 1 to \(Self.longestPath) bytes"
        }
        return nil
    }
}
