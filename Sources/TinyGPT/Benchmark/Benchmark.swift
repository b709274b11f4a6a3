import Autograd
import Foundation
import Kernels
import Layers

/// How fast this computer does what training and sampling consist of, on random weights and text.
public enum Benchmark {
    /// The characters of the random text: as many as the standard corpus has.
    private static let vocabulary = 65

    /// The shapes of the matrix products (m, k, n): the linear layers of both presets, and a large square one.
    public static let matmulShapes = [
        (768, 128, 384), (768, 128, 512), (768, 512, 128), (4096, 384, 1152), (4096, 384, 1536), (4096, 1536, 384),
        (1536, 1536, 1536),
    ]

    /// The best speed of a matrix product over many repetitions, in 10^9 operations per second.
    ///
    /// Shape: (m, k) x (k, n) -> (m, n)
    public static func matmul(m: Int, k: Int, n: Int) -> Double {
        var random = RandomStream(seed: 0, purpose: .initialization)
        let x = Tensor((0..<m * k).map { _ in Float(random.normal()) }, shape: [m, k])
        let weight = Tensor((0..<k * n).map { _ in Float(random.normal()) }, shape: [k, n])
        let time = seconds(repetitions: 30) { _ = x.matmul(weight) }
        return 2 * Double(m * k * n) / time / 1e9
    }

    /// The most that the CPU's multiply-add units can do, in 10^9 operations per second: no product can be faster.
    public static var peak: Double {
        var operations = 0.0
        let time = seconds(repetitions: 20) { operations = PeakSpeed.exercise(repetitions: 20_000) }
        return operations / time / 1e9
    }

    /// What a training step costs.
    public struct Step: Equatable, Sendable {
        /// The median time of a step, in seconds.
        public let seconds: Double
        /// Characters trained on per second.
        public let tokensPerSecond: Double
        /// The most memory that the process has held at once, in 2^20 bytes.
        public let peakMegabytes: Double
    }

    /// Measures the trainer's own step, with everything that belongs to it.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model.
    ///   - settings: The settings of the training.
    ///   - repetitions: How many steps to make; the first quarter is not counted.
    /// - Returns: Time and memory.
    /// - Throws: `.usage` for sizes that no model can have.
    public static func step(
        _ configuration: GPT.Configuration, _ settings: TrainingSettings, repetitions: Int = 40
    ) throws -> Step {
        var random = RandomStream(seed: 0, purpose: .data)
        let length = 100_000 + configuration.context
        let tokens = TokenArray((0..<length).map { _ in Int32(random.below(configuration.vocabulary)) })
        let trainer = Trainer(try GPT(configuration, seed: 0), tokens: tokens, settings)
        let times = try (0..<repetitions).map { _ in
            let start = ContinuousClock.now
            _ = try trainer.step()
            return (ContinuousClock.now - start) / .seconds(1)
        }
        let counted = times.dropFirst(max(1, repetitions / 4)).sorted()
        let median = counted[counted.count / 2]
        return Step(
            seconds: median, tokensPerSecond: Double(settings.batch * configuration.context) / median,
            peakMegabytes: peakMegabytes)
    }

    /// How many characters per second a model of these sizes writes, from the first one on.
    public static func sample(_ configuration: GPT.Configuration, length: Int = 2000) throws -> Double {
        let generator = Generator(
            try GPT(configuration, seed: 0), prompt: [0], sampler: Sampler(temperature: Sampler.defaultTemperature),
            seed: 0)
        for _ in 0..<20 { _ = try generator.next() }
        let start = ContinuousClock.now
        for _ in 0..<length { _ = try generator.next() }
        return Double(length) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// The sizes of a preset for the random text.
    public static func configuration(_ preset: Preset) -> GPT.Configuration {
        preset.configuration(vocabulary: vocabulary)
    }

    /// The shortest time of repeated work in seconds: of so many at least, and of as many as fit in a fifth of a second, by
    /// when all threads have come.
    private static func seconds(repetitions: Int, _ work: () -> Void) -> Double {
        let begin = ContinuousClock.now
        var (shortest, count) = (Double.infinity, 0)
        while count < repetitions || ContinuousClock.now - begin < .milliseconds(200) {
            let start = ContinuousClock.now
            work()
            shortest = min(shortest, (ContinuousClock.now - start) / .seconds(1))
            count += 1
        }
        return shortest
    }

    private static var peakMegabytes: Double {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return Double(usage.ru_maxrss) / 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return Double(usage.ru_maxrss) / 1024 / 1024
        #endif
    }
}
