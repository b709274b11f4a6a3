import Foundation

/// The metrics logger of a run: `metrics.csv`, a row per step and validation, each complete as soon as it is appended.
public final class MetricsLog {
    static let header = "step,split,loss,learning_rate,gradient_norm,tokens_per_second,seconds"

    private let file: OutputFile

    /// Starts the table of a new run.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``, also when the file exists.
    public init(creatingAt path: String) throws {
        file = try OutputFile(path: path, flags: O_CREAT | O_EXCL | O_APPEND)
        try file.append(Self.header + "\n")
    }

    /// Continues the table of a resumed run, or starts one where there is none.
    ///
    /// Rows of later steps, written between the last checkpoint and the end of the run, are dropped first, so that no step
    /// appears twice. They may be damaged: of rows that no checkpoint has made final, a power failure can leave zeros.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: The step of the checkpoint: the last one whose rows are kept.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when the file is not such a table, or when it cannot be written.
    public init(resumingAt path: String, after step: Int) throws {
        let rows = FileStatus.type(at: path) == nil ? [] : try Self.read(path, through: step)
        let lines = [Self.header] + rows.filter { $0.step <= step }.map(\.line)
        try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
        file = try OutputFile(path: path, flags: O_APPEND)
    }

    /// Appends a row; when this returns the operating system has it, and a crash of the program cannot lose it.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    public func append(_ row: Row) throws {
        try file.append(row.line + "\n")
    }

    /// Waits until all rows are on the disk.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func synchronize() throws { try file.synchronize() }

    /// The rows of a table. A last line that was cut off, because the program was killed or the disk was full, is left out.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` with the number of the line that cannot be parsed.
    public static func read(_ path: String) throws -> [Row] { try read(path, through: .max) }

    /// Whether no row of a table, damaged or not, is of a step after the initial state.
    static func hasNoLaterStep(_ path: String) -> Bool {
        guard let bytes = try? InputFile(path: path).readToEnd() else { return false }
        return bytes.split(separator: UInt8(ascii: "\n")).allSatisfy {
            Row(line: String(decoding: $0, as: UTF8.self)).map { $0.step == 0 } ?? true
        }
    }

    /// The rows of a table; after a row of a step or of a later one, a line that cannot be parsed ends it.
    private static func read(_ path: String, through step: Int) throws -> [Row] {
        var lines = String(decoding: try InputFile(path: path).readToEnd(), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        // What follows the last line break is nothing, or a line that was cut off.
        lines.removeLast()
        guard let first = lines.first else { return [] }
        guard first == header else {
            throw TinyGPTError.badFile(path, problem: "has in line 1 '\(first.prefix(80))', expected '\(header)'")
        }
        var rows: [Row] = []
        for (index, line) in lines.enumerated().dropFirst() {
            guard let row = Row(line: line) else {
                if step == 0 || rows.last.map({ $0.step >= step }) == true { break }
                throw TinyGPTError.badFile(
                    path, problem: "has in line \(index + 1) '\(line.prefix(80))', expected a row of '\(header)'")
            }
            rows.append(row)
        }
        return rows
    }
}

extension MetricsLog {
    /// The part of the text that a loss was measured on.
    public enum Split: String, Sendable {
        /// One training batch.
        case train
        /// The whole validation part.
        case validation = "val"
    }

    /// The measurements of one step or validation.
    public struct Row: Equatable, Sendable {
        /// The step.
        public var step: Int
        /// The part of the text that the loss was measured on.
        public var split: Split
        /// Mean cross-entropy in nats per character.
        public var loss: Double
        /// The learning rate of the step, for training only.
        public var learningRate: Double?
        /// The norm of all gradients together before clipping, for training only.
        public var gradientNorm: Double?
        /// Characters processed per second.
        public var tokensPerSecond: Double?
        /// Seconds since the run began.
        public var seconds: Double?

        /// A row; what does not apply is nil.
        public init(
            step: Int, split: Split, loss: Double, learningRate: Double? = nil, gradientNorm: Double? = nil,
            tokensPerSecond: Double? = nil, seconds: Double? = nil
        ) {
            self.step = step
            self.split = split
            self.loss = loss
            self.learningRate = learningRate
            self.gradientNorm = gradientNorm
            self.tokensPerSecond = tokensPerSecond
            self.seconds = seconds
        }
    }
}

extension MetricsLog.Row {
    /// The row in the file, without the line break. Numbers have the shortest form that reads back as the same.
    var line: String {
        let numbers = [loss, learningRate, gradientNorm, tokensPerSecond, seconds].map { $0?.description ?? "" }
        return ([String(step), split.rawValue] + numbers).joined(separator: ",")
    }

    /// Parses a line; nil when it is not a row.
    init?(line: some StringProtocol) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 7, let step = Int(fields[0]), let split = MetricsLog.Split(rawValue: String(fields[1])),
            let loss = Double(fields[2])
        else { return nil }
        self.init(step: step, split: split, loss: loss)
        for (field, column) in zip(fields[3...], [\Self.learningRate, \.gradientNorm, \.tokensPerSecond, \.seconds])
        where !field.isEmpty {
            guard let number = Double(field) else { return nil }
            self[keyPath: column] = number
        }
    }
}
