import Console
import Foundation
import TinyGPT

extension CommonOptions {
    static let checkpoint = Option<CheckpointChoice>(
        "checkpoint", "Checkpoint to use: the one with the lowest validation loss, or the last",
        default: "best if there is one, else last")

    static let split = Option<MeasuredText.Split>(
        "split", "Part of the text to measure", default: "all for TEXT, val for the run's own text")

    static let windows = Option<Int>(
        "windows", in: 1...1_000_000, "Maximum number of windows to measure, each as long as the context",
        default: "\(MeasuredWindows.defaultCharacters) characters, at least \(MeasuredWindows.fewestByDefault) windows")

    static let threads = Option<Int>(
        "threads", in: 1...1024, "Number of threads; results do not depend on it", default: "one per core")

    static let weights = Option<WeightFormat>(
        "weights",
        "How sampling reads weights: bf16 and q8 copy them into half or a quarter of the memory, which makes a large model "
            + "faster and its probabilities a little different"
    ).or(.f32)

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
