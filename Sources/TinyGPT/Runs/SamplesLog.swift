import Foundation

/// The samples of a run: `samples.txt`, an entry for every validation, complete before the checkpoint of its step is written.
final class SamplesLog {
    private let path: String

    /// Starts the file of a new run; it appears with the first entry.
    init(creatingAt path: String) { self.path = path }

    /// Continues the file of a resumed run: entries after the checkpoint's step, written between the checkpoint and the end of
    /// the run, are dropped, and so is an entry that was cut off.
    ///
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` for what holds no samples.
    init(resumingAt path: String, after step: Int) throws {
        self.path = path
        guard FileStatus.type(at: path) != nil else { return }
        guard let kept = try Self.keptLength(of: path, upTo: step) else { return }
        try AtomicFile.write(to: path) { output in
            var left = kept
            try InputFile(path: path).forEachPiece { piece in
                try piece.prefix(left).withUnsafeBytes { try output.append($0) }
                left -= min(left, piece.count)
            }
        }
    }

    /// Appends an entry.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(step: Int, loss: Double, _ sample: String) throws {
        try OutputFile(path: path, flags: O_CREAT | O_APPEND).append(
            "--- step \(step), validation loss \(loss) ---\n\(sample)\n\n")
    }

    /// The longest line in bytes; a sample has 200 characters.
    private static let lineLimit = 1 << 16

    /// The bytes before the first entry of a later step, and before a last line that begins one and is cut off; nil for all.
    private static func keptLength(of path: String, upTo step: Int) throws -> Int? {
        let entry = Array("--- step ".utf8)
        var (offset, kept): (Int, Int?) = (0, nil)
        let last = try InputFile(path: path).forEachLine(limit: lineLimit) { line, _ in
            if kept == nil, line.starts(with: entry), let number = stepNumber(String(decoding: line, as: UTF8.self)),
                number > step
            {
                kept = offset
            }
            offset += line.count + 1
        }
        if kept == nil, !last.isEmpty, entry.starts(with: last) || last.starts(with: entry) { kept = offset }
        return kept
    }

    /// The step of an entry's first line.
    private static func stepNumber(_ line: String) -> Int? {
        guard line.hasSuffix(" ---") else { return nil }
        return Int(line.dropFirst("--- step ".count).prefix { $0 != "," })
    }
}
