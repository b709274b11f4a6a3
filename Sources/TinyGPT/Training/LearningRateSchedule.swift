import Foundation

/// The learning-rate schedule: a linear warm-up to the peak, then half a cosine down to the minimum (Loshchilov and Hutter
/// 2017, without restarts).
public struct LearningRateSchedule: Codable, Equatable, Sendable {
    /// The rate at the end of the warm-up, positive.
    public var peak: Double
    /// The rate after the last step, not negative.
    public var minimum: Double
    /// Steps of warm-up, not negative.
    public var warmup: Int

    /// The names in checkpoints.
    enum CodingKeys: String, CodingKey {
        case peak = "highest"
        case minimum = "lowest"
        case warmup
    }

    /// A schedule, not validated: ``TrainingSettings/validate()`` checks it.
    ///
    /// - Parameters:
    ///   - peak: The rate at the end of the warm-up, above 0.
    ///   - minimum: The rate after the last step, from 0 to `peak`.
    ///   - warmup: The steps over which the rate rises linearly to `peak`; 0 begins with `peak`.
    public init(peak: Double, minimum: Double, warmup: Int) {
        self.peak = peak
        self.minimum = minimum
        self.warmup = warmup
    }

    /// The rate of a step: `peak (index + 1) / warmup` during the warm-up, afterwards
    /// `minimum + (peak - minimum) (1 + cos(pi progress)) / 2`.
    ///
    /// - Parameters:
    ///   - index: The step, counting from 0.
    ///   - steps: The steps of the whole training, including the warm-up.
    /// - Returns: The learning rate; `minimum` for steps beyond the last.
    public func rate(at index: Int, of steps: Int) -> Double {
        guard index >= warmup else { return peak * Double(index + 1) / Double(warmup) }
        let progress = min(1, Double(index - warmup) / Double(max(1, steps - warmup)))
        return minimum + (peak - minimum) * (1 + cos(.pi * progress)) / 2
    }
}
