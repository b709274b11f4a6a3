import Foundation

/// The samples of a run: `samples.txt`, an entry for every validation, complete before the checkpoint of its step is written.
final class SamplesLog {
    private let path: String

    /// Starts the file of a new run; it appears with the first entry.
    init(creatingAt path: String) { self.path = path }

    /// Continues the file of a resumed run: entries after the checkpoint's step, written between the checkpoint and the end of
    /// the run, are dropped, and so is an entry that was cut off.
    ///
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    init(resumingAt path: String, after step: Int) throws {
        self.path = path
        guard FileStatus.type(at: path) != nil else { return }
        let text = String(decoding: try InputFile(path: path).readToEnd(), as: UTF8.self)
        let kept = Self.entries(of: text, upTo: step)
        if kept.utf8.count != text.utf8.count { try AtomicFile.write(kept, to: path) }
    }

    /// Appends an entry.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(step: Int, loss: Double, _ sample: String) throws {
        try OutputFile(path: path, flags: O_CREAT | O_APPEND).append(
            "--- step \(step), validation loss \(loss) ---\n\(sample)\n\n")
    }

    /// The text before the first entry of a later step, and before a last line that begins one and is cut off.
    static func entries(of text: String, upTo step: Int) -> String {
        var end = text.startIndex
        var lineStart = text.startIndex
        while lineStart < text.endIndex {
            let lineEnd = text[lineStart...].firstIndex(of: "\n")
            let line = text[lineStart..<(lineEnd ?? text.endIndex)]
            if let number = stepNumber(line), number > step { return String(text[..<end]) }
            if lineEnd == nil, !line.isEmpty, "--- step ".hasPrefix(line) || line.hasPrefix("--- step ") {
                return String(text[..<end])
            }
            lineStart = lineEnd.map { text.index(after: $0) } ?? text.endIndex
            end = lineStart
        }
        return text
    }

    /// The step of an entry's first line.
    private static func stepNumber(_ line: Substring) -> Int? {
        guard line.hasPrefix("--- step "), line.hasSuffix(" ---") else { return nil }
        return Int(line.dropFirst("--- step ".count).prefix { $0 != "," })
    }
}
