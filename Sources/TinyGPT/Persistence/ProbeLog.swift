import Foundation

/// The attention on one text at every validation of a training, `probe.jsonl`: a line of JSON with the text, then one for each
/// validation, each complete as soon as it is appended.
public final class ProbeLog {
    /// The weights at one step, each in 8 bits; ``QuantisedWeights``.
    public struct Snapshot: Codable, Equatable, Sendable {
        /// How many steps had been made.
        public let step: Int
        /// The validation loss, in nats per character.
        public let loss: Double
        /// The weights of every layer and head, of each the triangle, row after row.
        let maps: Data
    }

    private struct Head: Codable {
        let text: String
    }

    /// The text that is looked at.
    public let text: String
    private let file: OutputFile

    /// Begins the log of a run.
    ///
    /// - Throws: `.cannotCreate` when the file cannot be created or is already there.
    public init(creatingAt path: String, text: String) throws {
        self.text = text
        file = try OutputFile(path: path, flags: O_CREAT | O_EXCL | O_APPEND)
        try file.append(Self.line(Head(text: text)))
    }

    /// Goes on with the log of a run that is resumed; what was seen after the checkpoint is dropped.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: The step of the checkpoint.
    /// - Throws: `.badData` when what is there is not such a log, `.cannotCreate` and `.inputOutput`.
    public init(resumingAt path: String, after step: Int) throws {
        let (text, snapshots) = try Self.read(path)
        self.text = text
        let lines = try [Self.line(Head(text: text))] + snapshots.filter { $0.step <= step }.map { try Self.line($0) }
        try AtomicFile.write(lines.joined(), to: path)
        file = try OutputFile(path: path, flags: O_APPEND)
    }

    /// Appends what a model looks at now.
    ///
    /// - Throws: `.inputOutput` with the system's reason.
    func append(_ model: GPT, _ tokens: [Int32], step: Int, loss: Double) throws {
        let trace = try ModelTrace(of: model, on: tokens)
        let maps = QuantisedWeights.all(trace, heads: model.configuration.heads)
        try file.append(Self.line(Snapshot(step: step, loss: loss, maps: Data(maps))))
    }

    /// The text and the snapshots of a log. A last line that was cut off is left out.
    ///
    /// - Throws: `.missingInput`, `.inputOutput`, or `.badData` when it is not such a log.
    public static func read(_ path: String) throws -> (text: String, snapshots: [Snapshot]) {
        let lines = try InputFile(path: path).readToEnd().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        )
        .dropLast()
        let decoder = JSONDecoder()
        guard let first = lines.first, let head = try? decoder.decode(Head.self, from: Data(first)) else {
            throw TinyGPTError(.badData, "'\(path)' is not the log of a probe, or a damaged one")
        }
        return (
            head.text,
            try lines.dropFirst().enumerated().map { index, line in
                guard let snapshot = try? decoder.decode(Snapshot.self, from: Data(line)) else {
                    throw TinyGPTError(.badData, "'\(path)', line \(index + 2), is damaged")
                }
                return snapshot
            }
        )
    }

    private static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
