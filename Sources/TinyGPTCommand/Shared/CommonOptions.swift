import Foundation
import TinyGPT

/// Options that several commands share.
enum CommonOptions {
    static let help = Flag("help", short: "h", "Print this help")

    static let color = Option<TerminalStyle.ColorChoice>(
        "color", "Use colors; auto follows NO_COLOR, FORCE_COLOR and the terminal"
    ).or(.auto)

    static let noColor = Flag("no-color", "Same as --color never")

    static let quiet = Flag("quiet", short: "q", "Suppress progress and notices; print only results and errors")

    /// The options of every command's output.
    static let output: [any OptionKey] = [color, noColor, quiet, help]

    /// The pairs among ``output`` that contradict each other.
    static let exclusive: [[any OptionKey]] = [[color, noColor]]

    static let checkpoint = Option<CheckpointChoice>(
        "checkpoint", "Checkpoint to use: the one with the lowest validation loss, or the last",
        default: "best if there is one, else last")

    static let split = Option<MeasuredText.Split>(
        "split", "Part of the text to measure", default: "all for TEXT, val for the run's own text")

    static let threads = Option<Int>(
        "threads", in: 1...1024, "Number of threads; results do not depend on it", default: "one per core")

    static func architecture(default defaultText: String) -> Option<Architecture> {
        Option<Architecture>(
            "architecture",
            "Decoder: classic is GPT-2's, modern that of today's open models (RoPE, RMSNorm, QK-norm, SwiGLU)",
            default: defaultText)
    }

    static func seed(_ help: String) -> DefaultedOption<Int> {
        Option<Int>("seed", in: 0...Int.max, help).or(Int(TrainingSettings.defaultSeed))
    }
}

extension ParsedArguments {
    /// Sets the number of threads, for a command with `--threads`.
    func applyThreads() {
        if let threads = self[CommonOptions.threads] { Compute.threads = threads }
    }
}

extension Positional {
    static let run = Positional(
        "RUN", "A run folder, or its name under \(RunFolder.defaultBase)/", default: "the newest")

    static let measuredText = Positional(
        "TEXT", "UTF-8 text files, concatenated", default: "the run's own text", isRepeated: true)
}

extension TerminalStyle {
    /// The style of a stream of this process, for a command with the common output options.
    init(descriptor: Int32, _ arguments: ParsedArguments) {
        self.init(
            descriptor: descriptor,
            choice: arguments[CommonOptions.noColor] ? .never : arguments[CommonOptions.color])
    }
}
