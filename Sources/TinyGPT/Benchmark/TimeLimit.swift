/// The time that a training may take, and the choice of its steps by it.
///
/// The steps of a forecast are chosen anew when the cooldown is about to begin, by the speed until then, since that of a
/// computer changes: the same steps took 98 ms in one minute and 53 in the next. Before its cooldown a linear schedule does not
/// depend on the number of steps, so the training is, bit for bit, the one that has the new number from its beginning. A cosine
/// depends on it from the first step, so its steps stay those of the forecast.
public struct TimeLimit: Sendable {
    /// The beginning of the first validation.
    public var begin = ContinuousClock.now
    private let end: ContinuousClock.Instant
    private var forecast: TrainingForecast
    /// The time of the steps made, without validations.
    private var seconds = 0.0

    /// The least change, as a part of the steps, that is worth one.
    private static let least = 0.02

    /// - Parameters:
    ///   - end: When the training is to end.
    ///   - forecast: What it was thought to take.
    public init(_ end: ContinuousClock.Instant, _ forecast: TrainingForecast) {
        (self.end, self.forecast) = (end, forecast)
    }

    /// Takes the time of a step, and chooses another number of steps if it is time to.
    ///
    /// - Parameters:
    ///   - steps: The steps of the training as it is.
    ///   - made: Those that are made, at least 1; the last one is not validated yet.
    ///   - seconds: What the last one took.
    ///   - now: The time now.
    /// - Returns: The steps that end within the time, as nearly as those made allow; nil where they are to stay.
    public mutating func steps(
        insteadOf steps: Int, after made: Int, lastStep seconds: Double, now: ContinuousClock.Instant = .now
    ) -> Int? {
        let (settings, schedule) = (forecast.settings, forecast.settings.schedule)
        guard schedule.isSettled(at: made - 1, of: steps) else { return nil }
        self.seconds += seconds
        // A mean in which a step's weight grows with the square of its number, since the newest speed is likeliest to go on; a
        // pause, of a computer that sleeps for example, is not.
        let mean = made == 1 ? seconds : forecast.secondsPerStep
        forecast.secondsPerStep = mean + (min(seconds, 3 * mean) - mean) * 3 / Double(made + 2)
        forecast.secondsPerValidation =
            max(0, (now - begin) / .seconds(1) - self.seconds) / Double(settings.validations(before: made))
        let left = (end - now) / .seconds(1)
        let wanted = TrainingForecast.most { forecast.duration(steps: $0, after: made) <= left }
        // As long as the next step is the same with both, a later choice knows more.
        guard !schedule.isSettled(at: made, of: min(wanted, steps)) else { return nil }
        let possible = max(wanted, TrainingForecast.most { !schedule.isSettled(at: made - 1, of: $0) } + 1)
        return abs(Double(possible - steps)) > Self.least * Double(steps) ? possible : nil
    }
}
