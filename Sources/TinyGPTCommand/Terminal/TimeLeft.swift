import Foundation

/// How far a measurement is and how long it will still take, told on standard error once it takes more than a second.
struct TimeLeft {
    private var line: ProgressLine
    private let start = ContinuousClock.now

    /// Starts the clock.
    ///
    /// - Parameter arguments: Of a command with the common output options.
    init(_ arguments: ParsedArguments) {
        line = ProgressLine(
            style: TerminalStyle(descriptor: STDERR_FILENO, arguments: arguments), isQuiet: arguments.flag("quiet"))
    }

    /// Tells what is done and which fraction of it.
    mutating func update(_ work: String, fraction: Double) {
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        guard elapsed > 1, fraction > 0 else { return }
        let left = HumanNumbers.duration(seconds: elapsed / fraction * (1 - fraction))
        line.update("\(work): \(Int(fraction * 100))%, \(left) left")
    }

    /// Leaves the line.
    mutating func finish() { line.finish() }
}
