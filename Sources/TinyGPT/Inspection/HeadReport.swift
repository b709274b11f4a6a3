/// What one head does and what it is worth.
public struct HeadReport: Equatable, Sendable {
    /// The layer, counted from 0.
    public let layer: Int
    /// The head in its layer, counted from 0.
    public let head: Int
    /// Where it looks.
    public let pattern: HeadPattern
    /// How much the loss rises without it.
    public let worth: HeadWorth
    /// What it does, where that is clear; see ``HeadPattern/name``.
    public var name: String? { pattern.name }
}
