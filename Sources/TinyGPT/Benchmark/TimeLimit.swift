/// The time that a training may take, and the choice of its steps by it.
///
/// The steps of a forecast are chosen anew when the cooldown is about to begin, by the speed until then, since that of a
/// computer changes: the same steps took 98 ms in one minute and 53 in the next. Before its cooldown a linear schedule does not
/// depend on the number of steps, so the training is, bit for bit, the one that has the new number from its beginning. A cosine
/// depends on it from the first step, so its steps stay those of the forecast.
package struct TimeLimit: Sendable {
    private let end: ContinuousClock.Instant
    /// The steps after which the training ends even if there is time left; nil where time alone ends it.
    package let maximumSteps: Int?
    /// With the times measured so far.
    private var forecast: TrainingForecast
    /// The end of the last step, or the beginning of the first validation.
    private var last: ContinuousClock.Instant
    /// The seconds that validations took, in order of size; first what they were thought to take.
    private var validations: [Double]

    /// The smallest relative change of the steps that is made.
    private static let smallestChange = 0.01
    /// The steps that the forecast's calibration counts as.
    private static let calibration = 9.0

    /// - Parameters:
    ///   - end: When the training is to end.
    ///   - forecast: What it was thought to take.
    ///   - maximumSteps: The steps after which it ends even if there is time left; nil where time alone ends it.
    package init(_ end: ContinuousClock.Instant, _ forecast: TrainingForecast, maximumSteps: Int?) {
        (self.end, self.forecast, self.maximumSteps) = (end, forecast, maximumSteps)
        (last, validations) = (.now, [forecast.secondsPerValidation])
    }

    /// Begins to measure, with the first validation.
    package mutating func begin(at now: ContinuousClock.Instant = .now) { last = now }

    /// Another number of steps, if it is time to choose one; to be asked after every step, before its validation.
    ///
    /// - Parameters:
    ///   - steps: The steps of the training as it is.
    ///   - made: Those that are made, at least 1.
    ///   - now: The end of the last one.
    /// - Returns: The steps that end within the time, as nearly as those made allow; nil where they are to stay.
    package mutating func steps(
        insteadOf steps: Int, after made: Int, now: ContinuousClock.Instant = .now
    ) -> Int? {
        let schedule = forecast.settings.schedule
        guard schedule.isSettled(at: made - 1, of: steps) else { return nil }
        learn((now - last) / .seconds(1), step: made)
        last = now
        let left = (end - now) / .seconds(1)
        let possible = TrainingForecast.most { forecast.duration(steps: $0, after: made) <= left }
        let wanted = min(possible, maximumSteps ?? possible)
        // As long as the next step is the same with both, a later choice knows more.
        guard !schedule.isSettled(at: made, of: min(wanted, steps)) else { return nil }
        let chosen = max(wanted, TrainingForecast.most { !schedule.isSettled(at: made - 1, of: $0) } + 1)
        return abs(Double(chosen - steps)) > Self.smallestChange * Double(steps) ? chosen : nil
    }

    /// Takes in the time since the step before. A pause, of a computer that sleeps for example, is not expected again.
    private mutating func learn(_ seconds: Double, step: Int) {
        if (step - 1) % forecast.settings.evaluateEvery == 0 {
            // A validation lies in between.
            let duration = max(0, seconds - forecast.secondsPerStep)
            validations.insert(duration, at: validations.firstIndex { $0 > duration } ?? validations.count)
            forecast.secondsPerValidation = validations[(validations.count - 1) / 2]
        } else {
            // A mean in which a step's weight grows with the square of its number: the newest speed is likeliest to go on.
            let mean = forecast.secondsPerStep
            forecast.secondsPerStep += (min(seconds, 3 * mean) - mean) * 3 / (Double(step + 2) + Self.calibration)
        }
    }
}
