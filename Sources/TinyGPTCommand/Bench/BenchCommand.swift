import Console
import Foundation
import TinyGPT

/// `tinygpt bench`: measures this computer.
struct BenchCommand: Command {
    /// A measurement, as WHAT names it.
    private enum Measurement: String, CaseIterable {
        case matmul, step, sample, peak

        /// Those that are made where none is named; a step first, whose peak memory would otherwise be that of all before.
        static let usual: [Measurement] = [.step, .sample, .matmul]
    }

    private static let preset = Option<Preset>("preset", "Model sizes and batch").or(.cpu)
    private static let architecture = CommonOptions.architecture(
        default: Preset.describe { $0.model.architecture })
    private static let batch = Option<Int>(
        "batch", in: TrainingSettings.Limits.batch, "Windows of text in each step",
        default: Preset.describe { $0.training.batch })
    private static let context = Option<Int>(
        "context", in: GPT.Configuration.Limits.context, "Characters in each window",
        default: Preset.describe { $0.model.context })
    private static let width = Option<Int>(
        "width", in: GPT.Configuration.Limits.width, "Channels of the residual stream (d_model)",
        default: Preset.describe { $0.model.width })
    private static let steps = Option<Int>(
        "steps", in: 4...100_000, "Steps to time; the first quarter is not counted"
    ).or(40)
    private static let length = Option<Int>("length", in: 1...1_000_000, "Characters to sample").or(2000)
    private static let json = Flag("json", "Print each result as a line of JSON")

    let declaration = CommandDeclaration(
        name: "bench",
        summary: "Measure how fast this computer trains and samples",
        description:
            "Measures matrix products and their gradients, the trainer's own step or sampling, on random weights and "
            + "text, so no run is needed. scripts/compare-with-pytorch.sh compares the results with PyTorch's.",
        examples: [
            Example("tinygpt bench step", "a training step of the cpu preset"),
            Example("tinygpt bench step --preset baby --batch 16", "a step of the larger preset"),
            Example("tinygpt bench matmul --json", "seven matrix products and their gradients, as JSON"),
        ],
        positionals: [
            Positional(
                "WHAT", "matmul, step, sample, or peak, the upper bound of any matrix product",
                default: ListFormat.and(Measurement.usual.map(\.rawValue)),
                choices: Measurement.allCases.map(\.rawValue))
        ],
        groups: [
            OptionGroup(
                "Options",
                [
                    preset, architecture, batch, context, width, steps, length, CommonOptions.weights,
                    CommonOptions.threads, json,
                ]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        let what = try arguments.positionals.map { name in
            guard let measurement = Measurement(rawValue: name) else {
                let names = ListFormat.or(Measurement.allCases.map(\.rawValue))
                throw UsageError("unknown measurement \(name.quoted); expected \(names)")
            }
            return measurement
        }
        let preset = arguments[Self.preset]
        let recipe = Benchmark.recipe(preset)
        var (configuration, settings) = (recipe.model, recipe.training)
        configuration.architecture = arguments[Self.architecture] ?? configuration.architecture
        configuration.context = arguments[Self.context] ?? configuration.context
        configuration.width = arguments[Self.width] ?? configuration.width
        settings.batch = arguments[Self.batch] ?? settings.batch
        try configuration.validate()
        arguments.applyThreads()
        /// Prints a result at once, as a line of JSON or of text.
        func report(_ values: [String: JSONValue], _ text: String) throws {
            try StandardStreams.output.write(
                arguments[Self.json] ? try JSONValue.object(values).line() : text + "\n")
            try StandardStreams.output.flush()
        }
        let name = preset.rawValue + (configuration.architecture == .classic ? "" : " \(configuration.architecture)")
        for (index, measurement) in (what.isEmpty ? Measurement.usual : what).enumerated() {
            switch measurement {
            case .matmul:
                for (m, k, n) in Benchmark.matmulShapes {
                    let speed = Benchmark.matmul(m: m, k: k, n: n)
                    try report(
                        [
                            "m": .integer(m), "k": .integer(k), "n": .integer(n), "gflops": .number(speed.forward),
                            "input_gradient_gflops": .number(speed.inputGradient),
                            "weight_gradient_gflops": .number(speed.weightGradient),
                        ],
                        "matmul \(m) x \(k) x \(n): "
                            + String(
                                format: "%.0f GFLOP/s, gradients of the input %.0f and of the weight %.0f",
                                speed.forward, speed.inputGradient, speed.weightGradient))
                }
            case .peak:
                let speed = Benchmark.peak
                try report(
                    ["gflops": .number(speed)], "multiply-adds in registers: \(String(format: "%.0f", speed)) GFLOP/s")
            case .step:
                try SystemMemory.require(
                    MemoryEstimate.training(configuration, settings, characters: 0),
                    for: "a step of this size")
                let step = try Benchmark.step(configuration, settings, repetitions: arguments[Self.steps])
                let speed = step.tokensPerSecond * configuration.operationsPerToken / 1e9
                var values: [String: JSONValue] = [
                    "preset": .text(preset.rawValue), "architecture": .text("\(configuration.architecture)"),
                    "batch": .integer(settings.batch),
                    "threads": .integer(Compute.threads), "median_ms": .number(step.seconds * 1000),
                    "tokens_per_s": .number(step.tokensPerSecond), "gflops": .number(speed),
                ]
                var text =
                    "step \(name), batch \(settings.batch), \(HumanNumbers.count(Compute.threads, of: "thread")): "
                    + String(
                        format: "%.2f ms, %.0f characters/s, %.0f GFLOP/s", step.seconds * 1000, step.tokensPerSecond,
                        speed)
                // The process's peak: after other measurements it may be theirs.
                if index == 0 {
                    values["peak_rss_mb"] = .number(step.peakMegabytes)
                    text += String(format: ", peak memory %.0f MB", step.peakMegabytes)
                }
                try report(values, text)
            case .sample:
                let weights = arguments[CommonOptions.weights]
                let speed = try Benchmark.sample(configuration, length: arguments[Self.length], weights: weights)
                let format = weights == .f32 ? "" : " \(weights)"
                try report(
                    [
                        "preset": .text(preset.rawValue), "architecture": .text("\(configuration.architecture)"),
                        "weights": .text(weights.rawValue), "tokens_per_s": .number(speed),
                    ],
                    "sample \(name)\(format): \(String(format: "%.0f", speed)) characters/s")
            }
        }
    }
}
