import Foundation

/// The attention on one text through a training: `probe.jsonl`, a line of JSON with the text, then an ``AttentionSnapshot`` for
/// each validation, each complete as soon as it is appended.
public final class ProbeLog {
    /// The first line.
    private struct Header: Codable {
        let text: String
    }

    /// The probe text.
    public let text: String
    private let file: OutputFile

    /// Starts the log of a run.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``, also when the file exists.
    public init(creatingAt path: String, text: String) throws {
        self.text = text
        file = try OutputFile(path: path, flags: O_CREAT | O_EXCL | O_APPEND)
        try file.append(Self.line(Header(text: text)))
    }

    /// Continues the log of a resumed run; snapshots after the checkpoint are dropped.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: The step of the checkpoint.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when the file is not such a log, or when it cannot be written.
    public init(resumingAt path: String, after step: Int) throws {
        let (text, snapshots) = try Self.read(path)
        self.text = text
        let lines = try [Self.line(Header(text: text))] + snapshots.filter { $0.step <= step }.map { try Self.line($0) }
        try AtomicFile.write(lines.joined(), to: path)
        file = try OutputFile(path: path, flags: O_APPEND)
    }

    /// Waits until all snapshots are on the disk.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func synchronize() throws { try file.synchronize() }

    /// Appends a snapshot.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(_ snapshot: AttentionSnapshot) throws { try file.append(Self.line(snapshot)) }

    /// The text and the snapshots of a log. A last line that was cut off, or of which a power failure has left zeros, is left
    /// out.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` when it is not such a log.
    public static func read(_ path: String) throws -> (text: String, snapshots: [AttentionSnapshot]) {
        let lines = try InputFile(path: path).readToEnd().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        )
        .dropLast()
        let decoder = JSONDecoder()
        guard let first = lines.first, let header = try? decoder.decode(Header.self, from: Data(first)),
            !header.text.isEmpty
        else {
            throw TinyGPTError.badFile(path, problem: "is not the log of a probe, or a damaged one")
        }
        var snapshots: [AttentionSnapshot] = []
        for (index, line) in lines.dropFirst().enumerated() {
            guard let snapshot = try? decoder.decode(AttentionSnapshot.self, from: Data(line)) else {
                if index == lines.count - 2, line.contains(0) { break }
                throw TinyGPTError.badFile(path, problem: "is damaged in line \(index + 2)")
            }
            snapshots.append(snapshot)
        }
        return (header.text, snapshots)
    }

    private static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
