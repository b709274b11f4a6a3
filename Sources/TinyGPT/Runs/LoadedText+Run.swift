extension LoadedText {
    /// Reads the text of a run again, from its files unless it is the built-in one. Its digest says whether it is still
    /// the same.
    ///
    /// - Parameters:
    ///   - data: What the run knows of its text.
    ///   - progress: As for the files of ``init(paths:lines:standardInput:limit:progress:)``.
    /// - Throws: What reading files throws.
    public init(
        of data: Checkpoint.DataDescription,
        progress: (_ path: String, _ bytes: Int, _ size: Int?) -> Void = { _, _, _ in }
    ) throws {
        if data.files == [Self.builtInName] {
            self = .builtIn
        } else {
            try self.init(paths: data.files, lines: data.lines ?? false, progress: progress)
        }
    }
}
