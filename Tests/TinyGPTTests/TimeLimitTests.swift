import Foundation
import Testing

@testable import TinyGPT

@Suite("The time limit of a training")
struct TimeLimitTests: TinyTraining {
    private static func settings(_ shape: LearningRateSchedule.Shape = .linear) -> TrainingSettings {
        var settings = settings(steps: 1000, evaluateEvery: 100)
        settings.schedule.shape = shape
        return settings
    }

    /// Trains for a minute on a computer whose steps, thought to take 50 ms, take other times, by number; a validation takes a second.
    private static func train(
        _ settings: TrainingSettings = settings(), maximumSteps: Int? = nil, pauseBeforeStep pause: Int? = nil,
        secondsOfStep: (Int) -> Double
    ) -> (forecast: Int, chosen: [Int], steps: Int, seconds: Double) {
        let forecast = TrainingForecast(settings, secondsPerStep: 0.05, secondsPerValidation: 1)
        let start = ContinuousClock.now
        var limit = TimeLimit(start + .seconds(60), forecast, maximumSteps: maximumSteps)
        limit.begin(at: start)
        var settings = settings
        settings.steps = min(forecast.steps(within: 60), maximumSteps ?? .max)
        var (made, passed, chosen) = (0, 1.0, [Int]())
        while made < settings.steps {
            made += 1
            passed += secondsOfStep(made) + (made == pause ? 10 : 0)
            if let steps = limit.steps(
                insteadOf: settings.steps, after: made, now: start + .seconds(passed))
            {
                // Not one of the steps that are made has another learning rate with the new number.
                let (old, schedule) = (settings.steps, settings.schedule)
                #expect((0..<made).allSatisfy { schedule.rate(at: $0, of: steps) == schedule.rate(at: $0, of: old) })
                settings.steps = steps
                chosen.append(steps)
            }
            if settings.validates(after: made) { passed += 1 }
        }
        return (forecast.steps(within: 60), chosen, settings.steps, passed)
    }

    @Test("A forecast counts every validation once", arguments: [1, 2, 3, 7])
    func validations(evaluateEvery: Int) {
        let forecast = TrainingForecast(
            Self.settings(steps: 6, evaluateEvery: evaluateEvery), secondsPerStep: 100, secondsPerValidation: 1)
        func validated(_ steps: Range<Int>) -> Double {
            Double(steps.count { $0 % evaluateEvery == 0 || $0 == 6 })
        }
        #expect(forecast.duration(steps: 6) == 600 + validated(0..<7))
        for made in 0...6 {
            #expect(forecast.duration(steps: 6, after: made) == Double(6 - made) * 100 + validated(made..<7))
        }
    }

    @Test("Steps that take what was thought are not chosen anew", arguments: LearningRateSchedule.Shape.allCases)
    func asForecast(shape: LearningRateSchedule.Shape) {
        let training = Self.train(Self.settings(shape)) { _ in 0.0502 }
        #expect(training.chosen == [] && training.steps == training.forecast)
        #expect(abs(training.seconds - 60) < 1)
    }

    @Test(
        "On a computer that is faster or slower than was thought, the training ends in time all the same",
        arguments: [0.01, 0.03, 0.04, 0.06, 0.1, 0.3])
    func anotherSpeed(secondsOfStep: Double) {
        let training = Self.train { _ in secondsOfStep }
        #expect(!training.chosen.isEmpty && training.chosen.count < 4)
        // A step and a validation may be missing, and a hundredth is not worth a change.
        #expect(abs(training.seconds - 60) < 1.6 + secondsOfStep)
    }

    @Test("A training makes at most the steps that it may on a faster computer, and fewer on a slower one")
    func maximumSteps() {
        let atMaximum = Self.train(maximumSteps: 800) { _ in 0.03 }
        #expect(atMaximum.chosen == [] && atMaximum.steps == 800)
        let faster = Self.train(maximumSteps: 1300) { _ in 0.03 }
        #expect(faster.forecast < 1000 && faster.chosen.last == 1300 && faster.steps == 1300)
        let slower = Self.train(maximumSteps: 800) { _ in 0.1 }
        #expect(slower.steps < 700 && abs(slower.seconds - 60) < 1.7)
    }

    @Test("What changes before the learning rate falls is made up for", arguments: [0.02, 0.03, 0.08, 0.15])
    func laterSpeed(secondsOfStep: Double) {
        let training = Self.train { $0 < 100 ? 0.05 : secondsOfStep }
        #expect(!training.chosen.isEmpty && abs(training.seconds - 60) < 6)
    }

    @Test(
        "A pause before the learning rate falls, in a step, between two steps or in a validation, shortens the rest",
        arguments: [50, 101, 200, 201])
    func pause(step: Int) {
        let training = Self.train(pauseBeforeStep: step) { _ in 0.05 }
        #expect(training.chosen.count == 1 && abs(training.seconds - 60) < 2)
    }

    @Test("Where the learning rate falls from the beginning, one slow step does not shorten the training")
    func fallsAtOnce() {
        var settings = Self.settings()
        settings.schedule.cooldown = 1
        let training = Self.train(settings) { $0 == 1 ? 0.15 : 0.05 }
        #expect(abs(training.seconds - 60) < 6)
    }

    @Test("Once the rate falls, and on a cosine, the steps stay", arguments: LearningRateSchedule.Shape.allCases)
    func fixed(shape: LearningRateSchedule.Shape) {
        let training = Self.train(Self.settings(shape)) { shape == .linear && $0 < 500 ? 0.05 : 0.2 }
        #expect(training.chosen == [] && training.seconds > 100)
    }
}
