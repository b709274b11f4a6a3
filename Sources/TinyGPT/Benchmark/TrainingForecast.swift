import Foundation

/// What a training will take on this computer, from a short calibration.
public struct TrainingForecast: Sendable {
    /// The time of a step, in seconds.
    public internal(set) var secondsPerStep: Double
    /// The time of a validation with its sample and checkpoints, in seconds.
    public internal(set) var secondsPerValidation: Double
    /// The time of counting what the run's page compares the model with, in seconds.
    public let secondsOfCounting: Double
    let settings: TrainingSettings

    /// Bytes a second that a disk takes at least.
    private static let diskSpeed = 300e6

    /// Makes some steps and a part of a validation with a model that is then discarded.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model.
    ///   - settings: The settings of the training.
    ///   - corpus: Its text.
    ///   - calibration: The time that steps are made for, after the first, which is not counted.
    ///   - progress: Called after each step with the fraction done.
    /// - Throws: What ``GPT/init(_:seed:)`` and ``Trainer/step()`` throw.
    public init(
        _ configuration: GPT.Configuration, _ settings: TrainingSettings, on corpus: Corpus,
        calibration: Duration = .seconds(1.5), progress: (Double) -> Void = { _ in }
    ) throws {
        self.settings = settings
        let model = try GPT(configuration, seed: settings.seed)
        let trainer = Trainer(model, tokens: corpus.train, lineBreak: corpus.lineBreak, settings)
        var steps: [Double] = []
        _ = try trainer.step()
        let begin = ContinuousClock.now
        repeat {
            progress(min(0.9, (ContinuousClock.now - begin) / calibration))
            steps.append(try Self.seconds { _ = try trainer.step() })
        } while .now - begin < calibration
        secondsPerStep = steps.reduce(0, +) / Double(steps.count)

        let part = corpus.validationPart(of: 8 * Evaluation.positions(context: configuration.context) + 1)
        let predicting =
            part.count < 2
            ? 0
            : try Self.seconds { _ = try Evaluation(of: model, on: part, lineBreak: corpus.lineBreak) }
                / Double(part.count - 1)
        let sampling = try Self.seconds {
            let generator = Generator(model, prompt: [0], sampler: Sampler(), seed: 0)
            for _ in 0..<TrainingRun.sampleLength { _ = try generator.next() }
        }
        // A part whose time is hardly seen, since it grows with the text.
        let counted = 1 / 8.0
        secondsOfCounting =
            Self.seconds { _ = RunPageLog.countYardsticks(configuration, settings, corpus, part: counted) }
            / counted
        // The last checkpoint before and after, and the best.
        let saving = 3 * Double(MemoryEstimate.checkpoint(configuration, settings)) / Self.diskSpeed
        secondsPerValidation = predicting * Double(corpus.validation.count) + sampling + saving
    }

    /// A forecast of times that are known.
    init(_ settings: TrainingSettings, secondsPerStep: Double, secondsPerValidation: Double) {
        self.settings = settings
        self.secondsPerStep = secondsPerStep
        self.secondsPerValidation = secondsPerValidation
        secondsOfCounting = 0
    }

    private static func seconds(of work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Validations of a training of so many steps: before the first, on the way, and after the last.
    public func validations(steps: Int) -> Int {
        settings.validations(ofAll: steps)
    }

    /// The duration of a training of so many steps, in seconds, validations and counting included.
    public func duration(steps: Int) -> Double {
        secondsOfCounting + duration(steps: steps, after: 0)
    }

    /// The seconds from the end of a step, before it is validated, to the end of the training; `made` is 0 before the
    /// validation of the initial state.
    func duration(steps: Int, after made: Int) -> Double {
        Double(steps - made) * secondsPerStep
            + Double(validations(steps: steps) - settings.validations(before: made)) * secondsPerValidation
    }

    /// The most steps that, with their validations, end within a time.
    ///
    /// - Parameter seconds: The time.
    /// - Returns: The steps, 0 where none ends.
    public func steps(within seconds: Double) -> Int { Self.most { duration(steps: $0) <= seconds } }

    /// The largest number of steps for which something is true that is false for all larger ones; 0 where there is none.
    static func most(where isTrue: (Int) -> Bool) -> Int {
        var (possible, impossible) = (0, TrainingSettings.Limits.steps.upperBound)
        while impossible - possible > 1 {
            let middle = possible + (impossible - possible) / 2
            if isTrue(middle) { possible = middle } else { impossible = middle }
        }
        return possible
    }
}
