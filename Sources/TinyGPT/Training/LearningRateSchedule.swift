import Foundation

/// How large the steps of the optimiser are: a linear warm-up, then half a cosine down to the smallest.
public struct LearningRateSchedule: Codable, Equatable, Sendable {
    /// The highest rate, reached at the end of the warm-up.
    public var highest: Double
    /// The rate after the last step.
    public var lowest: Double
    /// Steps of warm-up.
    public var warmup: Int

    /// Creates a schedule.
    public init(highest: Double, lowest: Double, warmup: Int) {
        self.highest = highest
        self.lowest = lowest
        self.warmup = warmup
    }

    /// The rate of a step.
    ///
    /// - Parameters:
    ///   - index: The step, counting from 0.
    ///   - steps: How many there are in all.
    /// - Returns: The learning rate.
    public func rate(at index: Int, of steps: Int) -> Double {
        guard index >= warmup else { return highest * Double(index + 1) / Double(warmup) }
        let progress = min(1, Double(index - warmup) / Double(max(1, steps - warmup)))
        return lowest + (highest - lowest) * (1 + cos(.pi * progress)) / 2
    }
}
