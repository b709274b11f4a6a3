import Foundation

/// The learning-rate schedule: a linear warm-up to the peak, then a fall to the minimum.
public struct LearningRateSchedule: Codable, Equatable, Sendable {
    /// How the rate falls after the warm-up.
    public enum Shape: String, CaseIterable, Codable, Sendable {
        /// Half a cosine (Loshchilov and Hutter 2017, without restarts).
        case cosine
        /// Constant, then a straight line over the last part of the steps, the cooldown (Zhai et al. 2022, section 3.5).
        case linear
    }

    /// The rate at the end of the warm-up, positive.
    public var peak: Double
    /// The rate after the last step, not negative and at most the peak.
    public var minimum: Double
    /// Steps of warm-up, not negative.
    public var warmup: Int
    /// How the rate falls.
    public var shape: Shape
    /// The part of all steps over which a linear schedule falls, above 0 and at most 1.
    public var cooldown: Double

    /// The names in checkpoints.
    private enum CodingKeys: String, CodingKey {
        case peak = "highest"
        case minimum = "lowest"
        case warmup, shape, cooldown
    }

    /// A schedule, not validated: ``TrainingSettings/validate()`` checks it.
    ///
    /// - Parameters:
    ///   - peak: The rate at the end of the warm-up, above 0.
    ///   - minimum: The rate after the last step, from 0 to `peak`.
    ///   - warmup: The steps over which the rate rises linearly to `peak`; 0 begins with `peak`.
    ///   - shape: How the rate falls.
    ///   - cooldown: The part of all steps over which a linear schedule falls, above 0 and at most 1.
    public init(peak: Double, minimum: Double, warmup: Int, shape: Shape = .cosine, cooldown: Double = 0.6) {
        self.peak = peak
        self.minimum = minimum
        self.warmup = warmup
        self.shape = shape
        self.cooldown = cooldown
    }

    /// Reads a schedule; one in an older file, which has no shape, is a cosine.
    ///
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        peak = try values.decode(Double.self, forKey: .peak)
        minimum = try values.decode(Double.self, forKey: .minimum)
        warmup = try values.decode(Int.self, forKey: .warmup)
        shape = try values.decodeIfPresent(Shape.self, forKey: .shape) ?? .cosine
        cooldown = try values.decodeIfPresent(Double.self, forKey: .cooldown) ?? 0.6
    }

    /// The rate of a step: `peak (index + 1) / warmup` during the warm-up; afterwards
    /// `minimum + (peak - minimum) (1 + cos(pi progress)) / 2` of a cosine, or
    /// `minimum + (peak - minimum) min(1, (steps - index) / (cooldown steps))` of a line. Where the cooldown begins before the
    /// warm-up ends, in a short training, the lower of the two.
    ///
    /// - Parameters:
    ///   - index: The step, counting from 0.
    ///   - steps: The steps of the whole training, including the warm-up.
    /// - Returns: The learning rate; `minimum` for steps beyond the last.
    public func rate(at index: Int, of steps: Int) -> Double {
        let rising = index < warmup ? peak * Double(index + 1) / Double(warmup) : nil
        switch shape {
        case .cosine:
            let progress = min(1, Double(index - warmup) / Double(max(1, steps - warmup)))
            return rising ?? minimum + (peak - minimum) * (1 + cos(.pi * progress)) / 2
        case .linear:
            let left = left(at: index, of: steps)
            let falling = minimum + (peak - minimum) * min(1, left)
            guard let rising else { return falling }
            return left < 1 ? min(rising, falling) : rising
        }
    }

    /// Whether the rate of a step is the same in a training of any larger number of steps: before the cooldown of a linear schedule.
    func isSettled(at index: Int, of steps: Int) -> Bool { shape == .linear && left(at: index, of: steps) >= 1 }

    /// The steps that are left, as a part of the cooldown.
    private func left(at index: Int, of steps: Int) -> Double {
        max(0, Double(steps - index)) / (cooldown * Double(max(1, steps)))
    }
}
