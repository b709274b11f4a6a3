import Foundation

/// The metrics logger of a run: `metrics.csv`, a row per step and validation, each complete as soon as it is appended.
public final class MetricsLog {
    static let header = "step,split,loss,learning_rate,gradient_norm,tokens_per_second,seconds"

    private let file: LogFile
    /// The step of the last validation in the table of a resumed run; nil where there is none.
    let lastValidation: Int?

    /// Starts the table of a new run.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``, also when the file exists.
    public init(creatingAt path: String) throws {
        file = try LogFile(creatingAt: path, beginning: Self.header + "\n")
        lastValidation = nil
    }

    /// Continues the table of a resumed run. Where there is none, because it was removed or the model was imported, one begins
    /// with the next row.
    ///
    /// Rows of later steps, written between the last checkpoint and the end of the run, are dropped first, so that no step
    /// appears twice. They may be damaged: of rows that no checkpoint has made final, a power failure can leave zeros. A table
    /// without the rows up to the checkpoint is damaged, because they were on the disk before it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: The step of the checkpoint, the last one whose rows are kept; nil where no step was made or validated, as after
    ///     an import.
    ///   - validatedStep: The last step whose validation is kept.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when the file is not such a table, or when it cannot be written.
    public init(resumingAt path: String, after step: Int?, validatedThrough validatedStep: Int = .max) throws {
        guard FileStatus.type(at: path) != nil else {
            (file, lastValidation) = (LogFile(beginningLaterAt: path, with: Self.header + "\n"), nil)
            return
        }
        _ = try InputFile(path: path)
        var (last, validation, keepsRows): (Int?, Int?, Bool) = (nil, nil, false)
        try AtomicFile.write(to: path) { file in
            var lines = Self.header + "\n"
            try Self.forEachRow(of: path, through: step ?? 0) { row in
                last = max(last ?? 0, row.step)
                guard row.step <= step ?? 0, row.split == .train || row.step <= validatedStep else { return }
                keepsRows = true
                if row.split == .validation { validation = row.step }
                lines += row.line + "\n"
                guard lines.utf8.count > 1 << 16 else { return }
                try file.append(lines)
                lines = ""
            }
            if let step, last ?? -1 < step { throw LogFile.cutOff(path, after: last, before: step) }
            try file.append(lines)
        }
        lastValidation = validation
        // A table of nothing but steps that are made again began after the checkpoint.
        file = try keepsRows ? LogFile(continuingAt: path) : LogFile(replacing: path, with: Self.header + "\n")
    }

    /// Appends a row; when this returns the operating system has it, and a crash of the program cannot lose it.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``, or ``TinyGPTError/cannotCreate(_:reason:)`` for the first row of a
    ///   table that begins with it.
    public func append(_ row: Row) throws { try file.append(row.line + "\n") }

    /// Waits until all rows are on the disk.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func synchronize() throws { try file.synchronize() }

    /// The rows of a table. A last line that was cut off, because the program was killed or the disk was full, is left out.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` with the number of the line that cannot be parsed.
    public static func read(_ path: String) throws -> [Row] {
        var rows: [Row] = []
        try forEachRow(of: path) { rows.append($0) }
        return rows
    }

    /// The longest line in bytes; a row has at most 150.
    private static let lineLimit = 1000

    /// The most bytes without a line break that a power failure leaves: rows of many steps.
    private static let holeLimit = 1 << 24

    /// Whether a table is that of a run which made no step: every complete line is the header, a row of step 0, or contains zeros
    /// that a power failure has left.
    static func isOfInitialState(_ path: String) -> Bool {
        LogFile.isOfInitialState(path, lineLimit: lineLimit) { bytes, number in
            let line = String(decoding: bytes, as: UTF8.self)
            return number == 1 ? line == header : Row(line: line)?.step == 0
        }
    }

    /// Calls `body` with each row of a table, as ``read(_:)`` but in little memory.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: After a row of this step or a later one, a line that is no row ends the table; for 0, the first such line.
    ///   - body: Takes the row.
    /// - Throws: As ``read(_:)``, and what `body` throws.
    package static func forEachRow(
        of path: String, through step: Int = .max, _ body: (Row) throws -> Void
    ) throws {
        var (isComplete, hasEnded) = (step == 0, false)
        try InputFile(path: path).forEachLine(limit: isComplete ? holeLimit : lineLimit) { bytes, number in
            if hasEnded { return }
            let line = String(decoding: bytes, as: UTF8.self)
            if number == 1 {
                guard line == header else {
                    throw TinyGPTError.badFile(path, problem: "has in line 1 '\(line.excerpt)', expected '\(header)'")
                }
            } else {
                guard let row = Row(line: line) else {
                    if isComplete {
                        hasEnded = true
                        return
                    }
                    throw TinyGPTError.badFile(
                        path, problem: "has in line \(number) '\(line.excerpt)', expected a row of '\(header)'")
                }
                isComplete = isComplete || row.step >= step
                try body(row)
            }
        }
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
        /// The updates made: the step of a training row counts from 1, a validation of the initial state is at 0.
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
        /// Time spent on training steps since the run began, in seconds.
        public var seconds: Double?

        /// A row; what does not apply is nil.
        ///
        /// - Parameters:
        ///   - step: Updates made, at least 0.
        ///   - split: The part of the text that the loss was measured on.
        ///   - loss: The mean cross-entropy in nats per character.
        ///   - learningRate: The learning rate of the step, for training only.
        ///   - gradientNorm: The global norm of the gradients before clipping, for training only.
        ///   - tokensPerSecond: Characters processed per second.
        ///   - seconds: Time spent on training steps since the run began.
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
    init?(line: String) {
        // By bytes: taking a text apart by its characters took most of the time of a long table.
        let fields = line.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Substring.init)
        guard fields.count == 7, let step = Int(fields[0]), TrainingSettings.Limits.steps.contains(step),
            let split = MetricsLog.Split(rawValue: String(fields[1])),
            let loss = Double(fields[2])
        else { return nil }
        self.init(step: step, split: split, loss: loss)
        for (field, column) in zip(fields[3...], [\Self.learningRate, \.gradientNorm, \.tokensPerSecond, \.seconds])
        where !field.isEmpty {
            // Not a number where it diverged, but never negative.
            guard let number = Double(field), !(number < 0) else { return nil }
            self[keyPath: column] = number
        }
    }
}
