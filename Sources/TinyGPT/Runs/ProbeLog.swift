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
    /// The last snapshot of the state that a run was resumed from.
    private(set) var resumed: AttentionSnapshot?
    private let file: LogFile

    /// Starts the log of a new run.
    ///
    /// - Parameters:
    ///   - path: The file to create.
    ///   - text: The probe text.
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``, also when the file exists.
    public init(creatingAt path: String, text: String) throws {
        self.text = text
        file = try LogFile(creatingAt: path, beginning: Self.line(Header(text: text)))
    }

    /// Continues the log of a resumed run; snapshots after the checkpoint are dropped.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - checkpoint: The state that the run is resumed from.
    ///   - validation: The last validation up to that state, whose snapshot must be there; nil for none.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when the file is not such a log or not all of it, or when it cannot be
    ///   written.
    public init(resumingAt path: String, from checkpoint: Checkpoint, validatedAt validation: Int? = nil) throws {
        _ = try InputFile(path: path)
        var (text, last, resumed): (String, Int?, AttentionSnapshot?) = ("", nil, nil)
        try AtomicFile.write(to: path) { file in
            text = try Self.read(path, for: checkpoint, header: { try file.append(Self.line(Header(text: $0))) }) {
                last = $0.step
                guard $0.step <= checkpoint.progress.validatedStep else { return }
                resumed = $0
                try $1.withUnsafeBytes { try file.append($0) }
                try file.append("\n")
            }
            if let validation, last ?? -1 < validation { throw LogFile.cutOff(path, after: last, before: validation) }
        }
        (self.text, self.resumed) = (text, resumed)
        file = try LogFile(continuingAt: path)
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
    /// - Parameters:
    ///   - path: The file.
    ///   - checkpoint: A state of the same run.
    /// - Returns: The text and the snapshots.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` when it is not such a log, or one of another model.
    public static func read(
        _ path: String, for checkpoint: Checkpoint
    ) throws -> (text: String, snapshots: [AttentionSnapshot]) {
        var snapshots: [AttentionSnapshot] = []
        let text = try read(path, for: checkpoint, header: { _ in }) { snapshot, _ in snapshots.append(snapshot) }
        return (text, snapshots)
    }

    /// The text of a log, as ``read(_:for:)`` but in little memory.
    package static func text(of path: String, for checkpoint: Checkpoint) throws -> String {
        try read(path, for: checkpoint, header: { _ in }, snapshot: { _, _ in })
    }

    /// Whether a log is that of a run with this configuration which made no step: its text, the initial state, and zeros that a
    /// power failure has left.
    static func isOfInitialState(_ path: String, _ configuration: RunConfiguration) -> Bool {
        guard let text = configuration.probe else { return false }
        let limit = headerLimit + lineLimit(of: text, configuration.model)
        return LogFile.isOfInitialState(path, lineLimit: limit) { line, number in
            number == 1
                ? (try? JSONScanner.decode(Header.self, from: line))?.text == text
                : (try? AttentionSnapshot(line: line))?.step == 0
        }
    }

    /// The characters of a text that a snapshot is of.
    private static func characters(of text: String, _ configuration: GPT.Configuration) -> Int {
        min(configuration.context, text.unicodeScalars.count)
    }

    /// The attention weights in a snapshot: the lower triangle of each head.
    private static func weightCount(_ characters: Int, _ configuration: GPT.Configuration) -> Int {
        configuration.layers * configuration.heads * characters * (characters + 1) / 2
    }

    /// The most bytes of a snapshot: its weights and its predictions in base64, with a step and a loss around them.
    private static func lineLimit(of text: String, _ configuration: GPT.Configuration) -> Int {
        let characters = characters(of: text, configuration)
        let weights = weightCount(characters, configuration)
        let predictions = Predictions.byteCount(
            characters: characters, layers: configuration.layers, vocabulary: configuration.vocabulary)
        return (weights + predictions) / 3 * 4 + 1000
    }

    /// The longest text in bytes of JSON; command lines are shorter.
    private static let headerLimit = 1 << 20

    private static func read(
        _ path: String, for checkpoint: Checkpoint, header: (_ text: String) throws -> Void,
        snapshot: (AttentionSnapshot, _ line: ArraySlice<UInt8>) throws -> Void
    ) throws -> String {
        let configuration = checkpoint.configuration
        var (text, limit, characters) = (String?.none, headerLimit, 0)
        func damaged(_ line: Int, _ problem: String) -> TinyGPTError {
            .badFile(path, problem: "is not the probe log of this run, or is damaged: line \(line) \(problem)")
        }
        func parse<Value>(_ line: Int, _ read: () throws -> Value) throws -> Value {
            do { return try read() } catch { throw damaged(line, "is malformed: \(JSONScanner.problem(error))") }
        }
        let steps = TrainingSettings.Limits.steps
        var last = 0
        var hole: Int?
        try InputFile(path: path).forEachLine(limit: limit) {
            bytes, number in
            guard text != nil else {
                let first = try parse(number) { try JSONScanner.decode(Header.self, from: bytes).text }
                guard !first.isEmpty, (try? checkpoint.vocabulary.encode(first.unicodeScalars)) != nil else {
                    throw damaged(number, "has an empty text, or one with characters that the model does not know")
                }
                text = first
                (limit, characters) = (lineLimit(of: first, configuration), Self.characters(of: first, configuration))
                return try header(first)
            }
            if let hole { throw damaged(hole, "contains zeros") }
            if bytes.contains(0) {
                hole = number
                return
            }
            let read = try parse(number) { try AttentionSnapshot(line: bytes) }
            guard steps.contains(read.step), read.step >= last else {
                throw damaged(number, "has step \(read.step), expected \(last) to \(steps.upperBound)")
            }
            guard read.loss.isFinite else { throw damaged(number, "has the loss \(read.loss)") }
            let weights = weightCount(characters, configuration)
            guard read.maps.count == weights else {
                throw damaged(
                    number, "has \(read.maps.count) weights at step \(read.step), expected \(weights) for its text")
            }
            if let bytes = read.predictions,
                Predictions(
                    bytes: bytes, characters: characters, layers: configuration.layers,
                    vocabulary: configuration.vocabulary) == nil
            {
                throw damaged(number, "has predictions at step \(read.step) that are not those of its text")
            }
            last = read.step
            try snapshot(read, bytes)
        }
        guard let text else { throw damaged(1, "is missing") }
        return text
    }

    private static func line(_ value: some Encodable) throws -> String {
        try JSONEncoder.text(of: value, .withoutEscapingSlashes) + "\n"
    }
}

extension AttentionSnapshot {
    /// Reads a line of the log. Without a decoder, which takes 70 microseconds for a short one.
    fileprivate init(line: ArraySlice<UInt8>) throws {
        var scanner = try JSONScanner(Array(line))
        let start = scanner
        var (step, loss, maps, predictions): (Int?, Double?, Data?, Data?) = (nil, nil, nil, nil)
        try scanner.object { scanner, key in
            switch key {
            case "step": step = try scanner.integer()
            case "loss": loss = try scanner.double()
            case "maps": maps = Data(base64Encoded: try scanner.string())
            case "predictions":
                predictions = Data(base64Encoded: try scanner.string())
                if predictions == nil { throw start.unexpected("predictions in base64") }
            default: try scanner.skip()
            }
        }
        try scanner.end()
        guard let step, let loss, let maps else { throw start.unexpected("a step, a loss and maps in base64") }
        self.init(step: step, loss: loss, maps: maps, predictions: predictions)
    }
}
