import Console
import Foundation
import TinyGPT

/// The progress of a measurement and the time left, on standard error once it takes more than half a second: a line that is
/// redrawn on a terminal, one line that stays anywhere else.
struct TimeLeft {
    private var line: ProgressLine
    private var isLogged = false
    private let start = ContinuousClock.now

    /// Starts the clock.
    ///
    /// - Parameter arguments: Of a command with the common output options.
    init(_ arguments: ParsedArguments) {
        line = ProgressLine(
            style: TerminalStyle(descriptor: STDERR_FILENO, arguments), isQuiet: arguments[CommonOptions.quiet])
    }

    /// Shows what is measured, the fraction done and the time left.
    mutating func update(_ work: String, fraction: Double) {
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        guard elapsed > 0.5, fraction > 0 else { return }
        let left = HumanNumbers.duration(seconds: elapsed / fraction * (1 - fraction))
        show("\(work): \(Int(fraction * 100))%, \(left) left")
    }

    /// Shows what is under way where its end is not known.
    mutating func update(_ work: String) {
        guard (ContinuousClock.now - start) / .seconds(1) > 0.5 else { return }
        show(work)
    }

    private mutating func show(_ text: String) {
        line.update(text)
        if !isLogged { line.log(text) }
        isLogged = true
    }

    /// Leaves the line.
    mutating func finish() { line.finish() }
}

extension LoadedText {
    /// Reads the texts that a command line names, files and folders.
    ///
    /// - Throws: An error for a text that is missing, a folder without one, or what is no text.
    init(named names: [String], lines: Bool, _ arguments: ParsedArguments) throws {
        let files = try TextFiles(names)
        if files.paths != names, !arguments[CommonOptions.quiet] {
            let others = files.ignored == 0 ? "" : "; \(HumanNumbers.count(files.ignored, of: "other")) left out"
            let twice = files.repeated == 0 ? "" : "; \(files.repeated) named more than once, read once"
            StandardStreams.note("reading    \(HumanNumbers.count(files.paths.count, of: "file"))\(others)\(twice)\n")
        }
        try self.init(files.paths, lines: lines, arguments)
    }

    /// Reads the texts of a command with the common output options, each of at most so many bytes, with the progress on standard
    /// error.
    init(_ paths: [String], lines: Bool = false, limit: Int = .max, _ arguments: ParsedArguments) throws {
        self = try Self.showingProgress(arguments) {
            try LoadedText(paths: paths, lines: lines, limit: limit, progress: $0)
        }
    }

    /// Reads the text of a run again, with the progress on standard error.
    init(of data: Checkpoint.DataDescription, _ arguments: ParsedArguments) throws {
        self = try Self.showingProgress(arguments) { try LoadedText(of: data, progress: $0) }
    }

    private static func showingProgress(
        _ arguments: ParsedArguments, _ read: ((String, Int, Int?) -> Void) throws -> LoadedText
    ) rethrows -> LoadedText {
        var line = TimeLeft(arguments)
        defer { line.finish() }
        return try read { path, bytes, size in
            let work = "reading \(path == "-" ? "standard input" : path.quoted)"
            if let size {
                line.update(work, fraction: min(1, Double(bytes) / Double(max(size, 1))))
            } else {
                line.update("\(work): \(HumanNumbers.bytes(bytes)) so far")
            }
        }
    }
}
