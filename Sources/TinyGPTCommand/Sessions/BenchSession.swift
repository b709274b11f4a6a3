import Foundation
import TinyGPT

/// `tinygpt bench` at work.
struct BenchSession {
    private let arguments: ParsedArguments
    private let preset: Preset
    private var configuration: GPT.Configuration
    private var settings: TrainingSettings
    private let what: [String]

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        preset = arguments.text("preset").flatMap(Preset.init) ?? .cpu
        configuration = Benchmark.configuration(preset)
        configuration.context = arguments.integer("context") ?? configuration.context
        configuration.width = arguments.integer("width") ?? configuration.width
        settings = preset.settings
        settings.batch = arguments.integer("batch") ?? settings.batch
        try configuration.validate()
        let all = ["matmul", "step", "sample", "peak"]
        what = arguments.positionals.isEmpty ? Array(all[..<3]) : arguments.positionals
        for name in what where !all.contains(name) {
            throw UsageError("'\(name)' cannot be measured; expected matmul, step, sample or peak")
        }
        if let threads = arguments.integer("threads") { Compute.threads = threads }
    }

    func run() throws {
        for name in what {
            switch name {
            case "matmul": try matmul()
            case "step": try step()
            case "peak": try peak()
            default: try sample()
            }
        }
    }

    private func matmul() throws {
        for (m, k, n) in Benchmark.matmulShapes {
            let speed = Benchmark.matmul(m: m, k: k, n: n)
            try print(
                ["m": .integer(m), "k": .integer(k), "n": .integer(n), "gflops": .number(speed)],
                "matmul \(m) x \(k) x \(n): \(String(format: "%.0f", speed)) GFLOP/s")
        }
    }

    private func peak() throws {
        let speed = Benchmark.peak
        try print(["gflops": .number(speed)], "multiply-adds in registers: \(String(format: "%.0f", speed)) GFLOP/s")
    }

    private func step() throws {
        let step = try Benchmark.step(
            configuration, settings, repetitions: arguments.integer("steps") ?? 40)
        try print(
            [
                "preset": .text(preset.rawValue), "batch": .integer(settings.batch),
                "threads": .integer(Compute.threads), "median_ms": .number(step.seconds * 1000),
                "tokens_per_s": .number(step.tokensPerSecond), "peak_rss_mb": .number(step.peakMegabytes),
            ],
            "step \(preset.rawValue), batch \(settings.batch), \(Compute.threads) threads: "
                + String(format: "%.2f ms, %.0f characters/s, ", step.seconds * 1000, step.tokensPerSecond)
                + String(format: "peak memory %.0f MB", step.peakMegabytes))
    }

    private func sample() throws {
        let speed = try Benchmark.sample(configuration, length: arguments.integer("length") ?? 2000)
        try print(
            ["preset": .text(preset.rawValue), "tokens_per_s": .number(speed)],
            "sample \(preset.rawValue): \(String(format: "%.0f", speed)) characters/s")
    }

    private func print(_ values: [String: JSONValue], _ text: String) throws {
        let isJSON = arguments.flag("json")
        try StandardStreams.output.write(isJSON ? try JSONValue.object(values).line() : text + "\n")
        try StandardStreams.output.flush()
    }
}
