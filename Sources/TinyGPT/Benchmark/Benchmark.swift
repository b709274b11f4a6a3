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

    /// The speed of a linear layer's matrix products, in 10^9 operations per second (GFLOP/s).
    public struct MatmulSpeed: Equatable, Sendable {
        /// That of `x W`.
        public let forward: Double
        /// That of the gradient of the input, `dY W^T`.
        public let inputGradient: Double
        /// That of the gradient of the weight, `x^T dY`.
        public let weightGradient: Double
    }

    /// Measures a matrix product and those of its backward pass, which transpose an operand: each has 2 m k n operations, a
    /// multiplication and an addition for each term, and its shortest time of at least 30 repetitions and a fifth of a second
    /// counts.
    ///
    /// Shape: (m, k) x (k, n) -> (m, n)
    ///
    /// - Parameters:
    ///   - m: Rows of the left operand and of the product.
    ///   - k: Depth: columns of the left operand, rows of the right one.
    ///   - n: Columns of the right operand and of the product.
    /// - Returns: Their speed.
    /// - Precondition: All three are positive.
    public static func matmul(m: Int, k: Int, n: Int) -> MatmulSpeed {
        var random = RandomStream(seed: 0, purpose: .initialization)
        func matrix(_ rows: Int, _ columns: Int) -> Matrix {
            Matrix(Buffer((0..<rows * columns).map { _ in Float(random.normal()) }), rows: rows, columns: columns)
        }
        let (x, weight, y) = (matrix(m, k), matrix(k, n), matrix(m, n))
        func speed(_ a: Matrix, _ b: Matrix, rows: Int, columns: Int) -> Double {
            let time = seconds(repetitions: 30) {
                Matmul.multiply(a, b, into: Matrix(Buffer(uninitialized: rows * columns), rows: rows, columns: columns))
            }
            return 2 * Double(m * k * n) / time / 1e9
        }
        return MatmulSpeed(
            forward: speed(x, weight, rows: m, columns: n),
            inputGradient: speed(y, weight.transposed, rows: m, columns: k),
            weightGradient: speed(x.transposed, y, rows: k, columns: n))
    }

    /// The measured peak of the CPU's fused multiply-add units, in 10^9 operations per second (GFLOP/s): the upper bound of any
    /// matrix product.
    public static var peak: Double {
        var operations = 0.0
        let time = seconds(repetitions: 20) { operations = PeakSpeed.exercise(repetitions: 20_000) }
        return operations / time / 1e9
    }

    /// The same at a glance, in 20 ms: less exact, for a share of it that is shown while training.
    package static var quickPeak: Double {
        var operations = 0.0
        let time = seconds(repetitions: 5, atLeast: .milliseconds(20)) {
            operations = PeakSpeed.exercise(repetitions: 1000)
        }
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

    /// Measures a step of ``Trainer``: batch, forward and backward pass, update.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model.
    ///   - settings: The settings of the training.
    ///   - repetitions: How many steps to make, at least 2; the first quarter is not counted.
    /// - Returns: Time and memory.
    /// - Throws: What ``GPT/Configuration/validate()`` throws, or ``TinyGPTError/trainingDiverged(step:loss:gradientNorm:learningRate:)``.
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
            seconds: median,
            tokensPerSecond: Double(settings.batch * settings.accumulation * configuration.context) / median,
            peakMegabytes: peakMegabytes)
    }

    /// The speed of sampling one text with random weights, after 20 characters that are not counted. A text longer than the
    /// context includes the prefills of its sliding window.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model.
    ///   - length: The characters to sample, at least 1.
    ///   - weights: How the weights are read for each character.
    /// - Returns: Characters per second.
    /// - Throws: What ``GPT/Configuration/validate()`` throws.
    public static func sample(
        _ configuration: GPT.Configuration, length: Int = 2000, weights: WeightFormat = .f32
    ) throws -> Double {
        let generator = Generator(
            try GPT(configuration, seed: 0), prompt: [0], sampler: Sampler(temperature: Sampler.defaultTemperature),
            seed: 0, weights: weights)
        for _ in 0..<20 { _ = try generator.next() }
        let start = ContinuousClock.now
        for _ in 0..<length { _ = try generator.next() }
        return Double(length) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// A preset's recipe for the random text, which stands for a million characters of 65 kinds.
    public static func recipe(_ preset: Preset) -> Preset.Recipe {
        preset.recipe(vocabulary: vocabulary, characters: 1_000_000)
    }

    /// The shortest time of repeated work in seconds: of so many at least, and of as many as fit in a fifth of a second, by
    /// when all threads have come.
    private static func seconds(
        repetitions: Int, atLeast duration: Duration = .milliseconds(200), _ work: () -> Void
    ) -> Double {
        let begin = ContinuousClock.now
        var (shortest, count) = (Double.infinity, 0)
        while count < repetitions || ContinuousClock.now - begin < duration {
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
