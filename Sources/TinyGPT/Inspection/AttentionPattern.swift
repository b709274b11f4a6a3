import Foundation

/// The attention pattern scores of a head: where it looks, as numbers.
///
/// Each is a mean over rows of the attention matrix, one row per query. The first row of a window, which attends to itself
/// only, is left out, and so are for a target the rows without such a position.
public struct HeadPattern: Equatable, Sendable {
    /// A mean over rows.
    public struct Score: Equatable, Sendable {
        /// The head's score; NaN where there was no such row.
        public let value: Double
        /// The score of uniform attention over the same rows.
        public let chance: Double

        /// A score beside that of uniform attention over the same rows.
        ///
        /// - Parameters:
        ///   - value: The head's score; NaN where there was no row.
        ///   - chance: The score of uniform attention.
        public init(value: Double, chance: Double) {
            self.value = value
            self.chance = chance
        }
    }

    /// The mean distance to the attended position, in characters.
    public let distance: Score
    /// The entropy of the attention weights, in bits.
    public let entropy: Score
    private let masses: [AttentionTarget: Score]

    init(distance: Score, entropy: Score, masses: [AttentionTarget: Score]) {
        self.distance = distance
        self.entropy = entropy
        self.masses = masses
    }

    /// The share of the attention, from 0 to 1, that a target gets.
    public subscript(target: AttentionTarget) -> Score { masses[target] ?? Score(value: .nan, chance: .nan) }

    /// The name of the pattern, where it is clear. The first of these that holds:
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

/// Positions whose share of a head's attention is an attention pattern score.
public enum AttentionTarget: String, CaseIterable, Sendable {
    /// The character before: a previous-token head (Elhage et al. 2021).
    case previousCharacter = "previous character"
    /// The character itself.
    case itself = "self"
    /// The first position of the window: an attention sink (Xiao et al. 2023).
    case firstPosition = "first position"
    /// Earlier occurrences of the same character.
    case sameCharacter = "same character"
    /// Spaces and newlines, the character itself among them.
    case space = "space or newline"
    /// What followed earlier occurrences of the same character: an induction head (Olsson et al. 2022).
    case induction

    /// The target positions, among those up to `row`, for the query at `row`.
    ///
    /// - Precondition: `row` is not 0, which attends to itself only.
    func positions(from row: Int, in tokens: [Int32], spaces: Set<Int32>) -> [Int] {
        precondition(row > 0, "row 0 attends to itself only")
        return switch self {
        case .previousCharacter: [row - 1]
        case .itself: [row]
        case .firstPosition: [0]
        case .sameCharacter: (0..<row).filter { tokens[$0] == tokens[row] }
        case .space: (0...row).filter { spaces.contains(tokens[$0]) }
        case .induction: (1..<row).filter { tokens[$0 - 1] == tokens[row] }
        }
    }
}

/// The sums behind a ``HeadPattern``, collected over texts.
struct HeadPatternTally {
    /// The sum behind one score.
    private struct Sum {
        var value = 0.0, chance = 0.0, rows = 0.0

        mutating func add(_ value: Double, chance: Double) {
            self.value += value
            self.chance += chance
            rows += 1
        }

        var mean: HeadPattern.Score { HeadPattern.Score(value: value / rows, chance: chance / rows) }
    }

    private var distance = Sum(), entropy = Sum()
    private var masses: [AttentionTarget: Sum] = [:]

    /// The means of all rows added.
    var pattern: HeadPattern {
        HeadPattern(distance: distance.mean, entropy: entropy.mean, masses: masses.mapValues(\.mean))
    }

    /// Adds the attention to the marked positions of a text.
    ///
    /// Shape: (T, T), the weights of one head
    mutating func add(_ weights: ArraySlice<Float>, _ text: MarkedText) {
        precondition(weights.count == text.count * text.count, "\(weights.count) weights for \(text.count) characters")
        for (target, rows) in text.targets {
            var sum = masses[target] ?? Sum()
            for (row, positions) in rows {
                let start = weights.startIndex + row * text.count
                let mass = positions.reduce(0.0) { $0 + Double(weights[start + $1]) }
                sum.add(mass, chance: Double(positions.count) / Double(row + 1))
            }
            masses[target] = sum
        }
    }

    /// Adds distance and entropy of a head's attention on a text.
    ///
    /// Shape: (T, T), the weights of one head
    mutating func addSpread(_ weights: ArraySlice<Float>, count: Int) {
        for row in 0..<count where row > 0 {
            let start = weights.startIndex + row * count
            var (far, wide) = (0.0, 0.0)
            for position in 0...row {
                let weight = weights[start + position]
                far += Double(weight) * Double(row - position)
                if weight > 0 { wide -= Double(weight * log2(weight)) }
            }
            distance.add(far, chance: Double(row) / 2)
            entropy.add(wide, chance: log2(Double(row + 1)))
        }
    }
}

/// The target positions of a text, for every row of interest.
struct MarkedText {
    let count: Int
    /// For each target the rows that have such positions.
    let targets: [(target: AttentionTarget, rows: [(row: Int, positions: [Int])])]

    /// Finds targets.
    ///
    /// - Parameters:
    ///   - tokens: The text.
    ///   - targets: The targets.
    ///   - first: The first row of interest, not 0.
    ///   - spaces: The tokens that count as spaces and newlines.
    init(_ tokens: [Int32], targets: [AttentionTarget], from first: Int = 1, spaces: Set<Int32> = []) {
        count = tokens.count
        self.targets = targets.map { target in
            let rows = (0..<tokens.count).dropFirst(first).map { row in
                (row: row, positions: target.positions(from: row, in: tokens, spaces: spaces))
            }
            return (target, rows.filter { !$0.positions.isEmpty })
        }
    }
}
