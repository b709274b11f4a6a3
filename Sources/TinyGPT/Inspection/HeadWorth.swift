/// What a head is worth: how much the loss rises without it (Michel, Levy and Neubig 2019, "Are Sixteen Heads Really Better
/// than One?", section 3).
public struct HeadWorth: Equatable, Sendable {
    /// A mean over windows of text.
    public struct Change: Equatable, Sendable {
        /// The rise of the loss in nats per character; negative if the model is better off.
        public let value: Double
        /// How far the value may be off for the choice of windows, as a standard deviation; NaN for fewer than two windows.
        public let standardError: Double

        /// The mean of the differences of each window, with and without the head, so that what is hard about a window cancels.
        init(differences: [Double]) {
            let count = Double(differences.count)
            let mean = differences.reduce(0, +) / count
            let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            value = mean
            standardError = count > 1 ? (squares / (count - 1) / count).squareRoot() : .nan
        }
    }

    /// When what it has gathered is replaced by zero.
    public let zeroed: Change
    /// When it is replaced by its mean over all positions of the same windows: what is lost is all that depends on the
    /// text, but not a constant that later layers count on.
    public let averaged: Change
}
