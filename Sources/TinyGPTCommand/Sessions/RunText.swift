import TinyGPT

/// The text that belongs to a run: the one it was trained on, unless others are named.
enum RunText {
    /// Reads it.
    ///
    /// - Parameters:
    ///   - given: The files named on the command line; none for the run's own.
    ///   - checkpoint: What knows the run's own.
    ///   - folder: The run.
    ///   - hint: What to type with a TEXT, for messages.
    /// - Returns: Its characters.
    /// - Throws: `.usage` when the run has no text that can be read again, `.badData` when that text has changed.
    static func read(
        _ given: [String], of checkpoint: Checkpoint, in folder: RunFolder, hint: String
    ) throws -> LoadedText {
        guard given.isEmpty else { return try TextReader.read(paths: given) }
        let files = checkpoint.data.files
        if files.isEmpty {
            throw TinyGPTError(.usage, "'\(folder.path)' has no text of its own; name one: \(hint)")
        }
        if files.contains("-") {
            throw TinyGPTError(
                .usage, "'\(folder.path)' was trained on standard input, which is gone; name the text: \(hint)")
        }
        let text = try TextReader.read(paths: files)
        guard text.sha256 == checkpoint.data.sha256 else {
            throw TinyGPTError(
                .badData,
                """
                \(files.joined(separator: ", ")) is no longer the text that '\(folder.path)' was trained on: its SHA-256 \
                begins with \(text.sha256.prefix(12)), expected \(checkpoint.data.sha256.prefix(12)).
                Name the text: \(hint)
                """)
        }
        return text
    }
}
