/// Where a head looks, as numbers.
///
/// Each is a mean over rows, a row being where one character looks. The first row of a window, which has no choice, is left
/// out, and so are for a target the rows that have no such position.
public struct HeadPattern: Equatable, Sendable {
    /// A mean over rows.
    public struct Score: Equatable, Sendable {
        /// Of the head; NaN where there was no such row.
        public let value: Double
        /// Of a head that looks at every character so far alike, over the same rows.
        public let chance: Double

        /// Creates a score.
        public init(value: Double, chance: Double) {
            self.value = value
            self.chance = chance
        }
    }

    /// How far back it looks, in characters.
    public let distance: Score
    /// How widely its attention is spread, in bits.
    public let entropy: Score
    private let masses: [AttentionTarget: Score]

    init(distance: Score, entropy: Score, masses: [AttentionTarget: Score]) {
        self.distance = distance
        self.entropy = entropy
        self.masses = masses
    }

    /// The part of the attention, from 0 to 1, that goes to a target.
    public subscript(target: AttentionTarget) -> Score { masses[target] ?? Score(value: .nan, chance: .nan) }

    /// What the head does, where that is clear. The first of these that holds:
    /// - the name of the target that gets at least half of the attention and three times as much as by chance, of the
    ///   largest if several do;
    /// - "nearby characters" if the mean distance is at most 4 characters and a third of what it is by chance;
    /// - "uniform" if the entropy is at least 0.98 of what it is by chance.
    public var name: String? {
        let clear = AttentionTarget.allCases.filter {
            self[$0].value >= 0.5 && self[$0].value >= 3 * self[$0].chance
        }
        if let most = clear.max(by: { self[$0].value < self[$1].value }) { return most.rawValue }
        if distance.value <= min(4, distance.chance / 3) { return "nearby characters" }
        return entropy.value >= 0.98 * entropy.chance ? "uniform" : nil
    }
}
