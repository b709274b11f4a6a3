import Foundation
import TinyGPT

/// Options that several commands share.
enum CommonOptions {
    static let help = Flag("help", short: "h", "Print this help")

    static let color = Option<TerminalStyle.ColorChoice>(
        "color", "Use colors; auto asks NO_COLOR, FORCE_COLOR and the terminal"
    ).or(.auto)

    static let noColor = Flag("no-color", "The same as --color never")

    static let quiet = Flag("quiet", short: "q", "Print no progress and no notices, only results and errors")

    /// The options of every command's output.
    static let output: [any OptionKey] = [color, noColor, quiet, help]

    /// The pairs among ``output`` that contradict each other.
    static let exclusive: [[any OptionKey]] = [[color, noColor]]

    static let checkpoint = Option<CheckpointChoice>(
        "checkpoint", "Checkpoint to take: that with the lowest validation loss or the last one",
        default: "best where there is one, else last")

    static let split = Option<MeasuredText.Split>(
        "split", "Which part of the text", default: "all of TEXT; val of the run's own")

    static let threads = Option<Int>(
        "threads", in: 1...1024, "Threads to compute with; the result does not depend on it",
        default: "one for each core")

    static let architecture = Option<Architecture>(
        "architecture",
        "Kind of decoder: GPT-2's, or that of today's open models (RoPE, RMSNorm, QK-norm, SwiGLU)"
    ).or(.classic)

    static func seed(_ help: String) -> DefaultedOption<Int> {
        Option<Int>("seed", in: 0...Int.max, help).or(Int(Preset.cpu.settings.seed))
    }
}

extension Positional {
    static let run = Positional("RUN", "A run folder, or its name under runs/", default: "the newest")

    static let measuredText = Positional(
        "TEXT", "UTF-8 text files, joined", default: "the text of the run", isRepeated: true)
}

extension TerminalStyle {
    /// The style of a stream of this process, for a command with the common output options.
    init(descriptor: Int32, _ arguments: ParsedArguments) {
        self.init(
            descriptor: descriptor,
            choice: arguments[CommonOptions.noColor] ? .never : arguments[CommonOptions.color])
    }
}

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
    /// Reads the texts of a command with the common output options, with the progress on standard error.
    init(_ paths: [String], _ arguments: ParsedArguments) throws {
        var line = TimeLeft(arguments)
        defer { line.finish() }
        try self.init(paths: paths) { path, bytes, size in
            let work = "reading \(path == "-" ? "standard input" : path.quoted)"
            if let size {
                line.update(work, fraction: min(1, Double(bytes) / Double(max(size, 1))))
            } else {
                line.update("\(work): \(HumanNumbers.bytes(bytes)) so far")
            }
        }
    }
}

extension Preset {
    /// A value of each preset, for the defaults in help: "cpu 4, baby 6", or the value alone where all have the same.
    static func describe(_ value: (Preset) -> Any) -> String {
        let texts = allCases.map { OptionDeclaration.defaultText(of: value($0)) }
        if let only = texts.first, texts.allSatisfy({ $0 == only }) { return only }
        return zip(allCases, texts).map { "\($0.rawValue) \($1)" }.joined(separator: ", ")
    }
}
