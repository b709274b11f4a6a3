import Foundation

/// The losses of a run as a table on disk, `metrics.csv`: one row at a time, each complete as soon as it is appended.
public final class MetricsLog {
    static let header = "step,split,loss,learning_rate,gradient_norm,tokens_per_second,seconds"

    private let file: OutputFile

    /// Begins the table of a new run.
    ///
    /// - Throws: `.cannotCreate` when the file cannot be created or is already there.
    public init(creatingAt path: String) throws {
        file = try OutputFile(path: path, flags: O_CREAT | O_EXCL | O_APPEND)
        try file.append(Self.header + "\n")
    }

    /// Goes on with the table of a run that is resumed, or begins one where there is none.
    ///
    /// Rows of later steps, written between the last checkpoint and the end of the run, are dropped first, so that no step
    /// appears twice.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: The step of the checkpoint: the last one whose rows are kept.
    /// - Throws: `.badData` when what is there is not such a table, `.cannotCreate` and `.inputOutput`.
    public init(resumingAt path: String, after step: Int) throws {
        let rows = SystemReason.fileType(at: path) == nil ? [] : try Self.read(path)
        let lines = [Self.header] + rows.filter { $0.step <= step }.map(\.line)
        try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
        file = try OutputFile(path: path, flags: O_APPEND)
    }

    /// Appends a row; when this returns the operating system has it, and a crash of the program cannot lose it.
    ///
    /// - Throws: `.inputOutput` with the system's reason.
    public func append(_ row: Row) throws {
        try file.append(row.line + "\n")
    }

    /// The rows of a table. A last line that was cut off, because the program was killed or the disk was full, is left out.
    ///
    /// - Throws: `.missingInput`, `.inputOutput`, or `.badData` with the number of the line that cannot be understood.
    public static func read(_ path: String) throws -> [Row] {
        var lines = String(decoding: try InputFile(path: path).readToEnd(), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        // What follows the last line break is nothing, or a line that was cut off.
        lines.removeLast()
        guard let first = lines.first else { return [] }
        guard first == header else {
            throw TinyGPTError(.badData, "'\(path)', line 1: expected '\(header)', got '\(first.prefix(80))'")
        }
        return try lines.enumerated().dropFirst().map { index, line in
            guard let row = Row(line: line) else {
                throw TinyGPTError(
                    .badData, "'\(path)', line \(index + 1): expected a row of '\(header)', got '\(line.prefix(80))'")
            }
            return row
        }
    }
}
