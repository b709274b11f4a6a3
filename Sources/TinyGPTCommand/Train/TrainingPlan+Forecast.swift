import Console
import Foundation
import TinyGPT

extension TrainingPlan {
    /// Times a few steps.
    ///
    /// - Parameters:
    ///   - arguments: The command's.
    ///   - minutes: The time that the training is to take, for a longer calibration; nil where that is only to be known.
    /// - Returns: What the training will take.
    /// - Throws: What making a model and a step throws.
    func forecast(_ arguments: ParsedArguments, minutes: Double?) throws -> TrainingForecast {
        var progress = TimeLeft(arguments)
        defer { progress.finish() }
        let calibration = max(1.5, min(10, 60 * (minutes ?? 0) / 40))
        return try TrainingForecast(configuration, settings, on: corpus, calibration: .seconds(calibration)) {
            progress.update("timing a few steps", fraction: $0)
        }
    }

    /// Chooses the steps that, with their validations, end within a time, but no more than the preset has use for.
    ///
    /// - Parameters:
    ///   - minutes: The time.
    ///   - start: Its beginning.
    ///   - forecast: Made with this plan.
    /// - Throws: A usage error where there is no time for a step.
    mutating func fit(minutes: Double, since start: ContinuousClock.Instant, _ forecast: TrainingForecast) throws {
        let spent = (ContinuousClock.now - start) / .seconds(1)
        let steps = forecast.steps(within: 60 * minutes - spent)
        guard steps > 0 else {
            let least = (spent + forecast.duration(steps: 1)) / 60
            throw CommandError(
                .usage,
                "--minutes \(OptionDeclaration.defaultText(of: minutes)) is too short: reading the text and timing its steps took "
                    + "\(Self.time(spent)), and a step takes \(Self.time(forecast.secondsPerStep)), with a validation before and "
                    + "after it; expected at least \(OptionDeclaration.defaultText(of: (least * 110).rounded(.up) / 100))"
            )
        }
        settings.steps = min(steps, usefulSteps ?? steps)
        timeLimit = TimeLimit(start + .seconds(60 * minutes), forecast, maximumSteps: usefulSteps)
    }

    /// The steps that go through the text as often as the preset has use for, at least its own; nil where that is unknown, as for a
    /// much smaller model.
    private var usefulSteps: Int? {
        guard let recipe = keptPreset?.recipe, let epochs = recipe.usefulEpochs,
            configuration.parameterCount > recipe.model.parameterCount / 2
        else { return nil }
        return max(recipe.training.steps, Int(epochs / timesSeen(after: 1)))
    }

    /// The answer to `--plan`, as text or as a line of JSON.
    func report(_ forecast: TrainingForecast, asJSON isJSON: Bool) throws -> String {
        let parameters = configuration.parameterCount
        // A character of a text takes a byte in memory, or two or four with hundreds of different ones.
        let memory = MemoryEstimate.training(configuration, settings, characters: text.tokens.count) + text.tokens.count
        let checkpoint = MemoryEstimate.checkpoint(configuration, settings)
        let (times, share) = (timesSeen(after: settings.steps), charactersPerParameter)
        let duration = forecast.duration(steps: settings.steps)
        let advice = advice ?? "the text and the model fit"
        if isJSON {
            var object: [String: JSONValue] = [
                "event": "plan", "parameters": .integer(parameters), "memory_bytes": .integer(memory),
                "checkpoint_bytes": .integer(checkpoint), "steps": .integer(settings.steps),
                "step_seconds": .number(forecast.secondsPerStep), "seconds": .number(duration),
                "validation_seconds": .number(forecast.secondsPerValidation),
                "characters_per_parameter": .number(share), "times_seen": .number(times),
                "characters_seen_per_parameter": .number(times * share), "advice": .text(advice),
            ]
            if probeWeights { object["snapshot_bytes"] = .integer(snapshotBytes) }
            return try JSONValue.object(object).line()
        }
        let count = forecast.validations(steps: settings.steps)
        let size = HumanNumbers.bytes(checkpoint)
        let validates = settings.validationFraction > 0
        return """
            parameters   \(HumanNumbers.count(parameters))
            memory       about \(HumanNumbers.bytes(memory)) at the peak
            time         \(Self.time(forecast.secondsPerStep)) a step and \(Self.time(forecast.secondsPerValidation)) a \(validates ? "validation" : "sample"): about \(HumanNumbers.duration(seconds: duration))
                         for \(settings.steps) steps and \(count) \(validates ? "validations" : "samples")
            checkpoints  \(validates ? "two of \(size) each, the last and the best" : "one of \(size), the last")
            \(probeWeights ? "snapshots    \(snapshots)\n" : "")\
            text         \(Self.number(share)) characters for each parameter; each character will be seen \(Self.number(times)) times,
                         which makes \(Self.number(times * share)) for each parameter
            advice       \(advice)

            """
    }

    /// How often a training of so many steps sees each character of its text.
    private func timesSeen(after steps: Int) -> Double {
        let windows = Double(steps * settings.batch * settings.accumulation)
        return corpus.trainLines.map { windows / Double($0) }
            ?? windows * Double(configuration.context) / Double(corpus.train.count)
    }

    private var charactersPerParameter: Double {
        Double(corpus.train.count) / Double(configuration.parameterCount)
    }

    /// A sentence on what does not fit between text and model; nil where all does. Overfitting was seen from about 10 epochs on with
    /// a parameter or more for each character, and gains of a larger model where each parameter has ten characters. With tables of
    /// triples on a million characters the loss was 1.502 after 4.9 epochs and 1.615 after 7.4.
    var advice: String? {
        let (times, share) = (timesSeen(after: settings.steps), charactersPerParameter)
        if let maximum = timeLimit?.maximumSteps, maximum == settings.steps {
            let more =
                configuration.tables == .trigram
                ? "--preset best may learn more in four times as long" : "--steps N makes more anyway"
            return
                "ends sooner than --minutes allows: more than \(maximum) steps would learn the text by heart; \(more)"
        }
        if times > 5, configuration.tables == .trigram, configuration.dropout < 0.1 {
            return
                "tables of triples learn by heart what is seen \(Self.number(times)) times: --preset best or fewer --steps"
        }
        if let usefulSteps, settings.steps > usefulSteps * 5 / 4 {
            return "more than \(usefulSteps) steps would learn the text by heart: fewer --steps"
        }
        if times > 10, share < 2, configuration.dropout < 0.1 {
            let help =
                preset?.recipe.reason != nil
                ? "--dropout 0.2 or fewer --steps" : "--dropout 0.2, fewer --steps or --preset fast"
            return "the text is small for this model and will be learned by heart: \(help)"
        }
        if times > 100 {
            return "the text will be seen very often: fewer --steps give the same, or --patience 3 finds how many"
        }
        if times < 0.5 { return "less than half of the text will be seen: more --steps would learn more" }
        if share > 10 {
            return "the text is large for this model: a larger --width or more --layers would learn more from it"
        }
        return nil
    }

    /// A number in two digits, or in all that stand before the point.
    private static func number(_ value: Double) -> String {
        String(format: value < 10 ? "%.2g" : "%.0f", value)
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 1 ? String(format: "%.3g ms", seconds * 1000) : String(format: "%.3g s", seconds)
    }
}
