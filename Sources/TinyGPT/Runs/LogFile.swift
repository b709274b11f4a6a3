import Foundation

/// The file of a log, to which whole entries are appended.
///
/// One that begins while a run goes on appears with its first entry. So a file that ends before the last checkpoint was cut off.
final class LogFile {
    private let path: String
    /// What stands before the first entry of a file that has not begun.
    private let beginning: String
    private var file: OpenFile?

    /// Holds the file, which cannot be copied, in an optional.
    private final class OpenFile {
        let file: OutputFile
        init(_ file: consuming OutputFile) { self.file = file }
    }

    private init(_ path: String, beginning: String, file: OpenFile?) {
        (self.path, self.beginning, self.file) = (path, beginning, file)
    }

    /// Starts the log of a new run.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``, also when the file exists.
    convenience init(creatingAt path: String, beginning: String) throws {
        self.init(path, beginning: beginning, file: nil)
        try create(with: "")
    }

    /// Starts a log with the first entry that is appended.
    convenience init(beginningLaterAt path: String, with beginning: String) {
        self.init(path, beginning: beginning, file: nil)
    }

    /// Removes a log of which nothing is kept, and starts another with the first entry that is appended.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    convenience init(replacing path: String, with beginning: String) throws {
        if unlink(path) != 0 { throw TinyGPTError.cannotWrite(path, reason: FileStatus.reason(errno)) }
        AtomicFile.synchronizeFolder(FileStatus.parentFolder(of: path))
        self.init(path, beginning: beginning, file: nil)
    }

    /// Goes on at the end of a log.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    convenience init(continuingAt path: String) throws {
        self.init(path, beginning: "", file: OpenFile(try OutputFile(path: path, flags: O_APPEND)))
    }

    /// Appends an entry; when this returns the operating system has it.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``, or ``TinyGPTError/cannotCreate(_:reason:)`` for the first one.
    func append(_ entry: String) throws {
        if let file { try file.file.append(entry) } else { try create(with: entry) }
    }

    /// Waits until all entries are on the disk.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func synchronize() throws { try file?.file.synchronize() }

    private func create(with entry: String) throws {
        let created = OpenFile(try OutputFile(path: path, flags: O_CREAT | O_EXCL | O_APPEND))
        file = created
        try created.file.append(beginning + entry)
        AtomicFile.synchronizeFolder(FileStatus.parentFolder(of: path))
    }
}

extension LogFile {
    /// The error for a log that ends before what a checkpoint holds.
    static func cutOff(_ path: String, after last: Int?, before step: Int) -> TinyGPTError {
        let end = last.map { "ends at step \($0)" } ?? "holds no step"
        return .badFile(
            path,
            problem: "is cut off: it \(end), and the checkpoint needs it up to step \(step); restore it, or move it "
                + "away to continue with a new one")
    }

    /// Whether every line of a log is of the initial state, or contains zeros that a power failure has left; the last one may be
    /// cut off.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - lineLimit: The most bytes of a line; a longer one is of no log.
    ///   - isInitial: Whether a complete line is; with its number, counted from 1.
    /// - Returns: Whether all lines are; false for a file that cannot be read.
    static func isOfInitialState(
        _ path: String, lineLimit: Int, _ isInitial: (_ line: ArraySlice<UInt8>, _ number: Int) -> Bool
    ) -> Bool {
        var isInitialState = true
        do {
            try InputFile(path: path).forEachLine(limit: lineLimit) { line, number in
                isInitialState = isInitialState && (line.contains(0) || isInitial(line, number))
            }
        } catch { return false }
        return isInitialState
    }
}
