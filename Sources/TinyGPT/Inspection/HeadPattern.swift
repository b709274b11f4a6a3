import Foundation

/// What a head looks at, as means over the characters of a text, each beside what looking at everything equally would give.
public struct HeadPattern: Equatable, Sendable {
    /// A mean, and what uniform attention over the same rows would have.
    public struct Score: Equatable, Sendable {
        /// The mean over all rows.
        public internal(set) var value = 0.0
        /// The same for weights that are all equal.
        public internal(set) var chance = 0.0

        mutating func add(_ value: Double, _ chance: Double) {
            self.value += value
            self.chance += chance
        }
    }

    /// How far back it looks, in characters.
    public internal(set) var distance = Score()
    /// How widely it spreads its weights, in bits.
    public internal(set) var entropy = Score()
    /// The weight of the character before.
    public internal(set) var previous = Score()
    /// The weight of the character itself.
    public internal(set) var itself = Score()
    /// The weight of the first character of the window.
    public internal(set) var first = Score()
    /// The weight of earlier characters that are the same.
    public internal(set) var same = Score()
    /// The weight of spaces and line breaks.
    public internal(set) var blank = Score()
    /// On random characters written twice, the weight of the one that came next the first time (Olsson et al. 2022).
    public internal(set) var induction = Score()

    /// What the head does, where that is clear: the score with the most weight, if it is at least 0.4 and three times its
    /// chance; "everything equally" if the entropy is all but that of uniform attention; nil otherwise.
    public var name: String? {
        let scores: [(String, Score)] = [
            ("previous character", previous), ("itself", itself), ("first position", first),
            ("same character", same), ("space and newline", blank), ("induction", induction),
        ]
        let clear = scores.filter { $0.1.value >= 0.4 && $0.1.value >= 3 * $0.1.chance }
        if let best = clear.max(by: { $0.1.value < $1.1.value }) { return best.0 }
        return entropy.value > 0.97 * entropy.chance ? "everything equally" : nil
    }

    /// The pattern of one map of weights on a text.
    ///
    /// - Parameters:
    ///   - weights: Row after row; the first row, which has no choice, is left out. Shape: (T, T)
    ///   - tokens: The text.
    ///   - blanks: The tokens that are spaces and line breaks.
    init(_ weights: [[Float]], tokens: [Int32], blanks: Set<Int32>) {
        for query in 1..<tokens.count {
            let row = weights[query]
            let chance = 1 / Double(query + 1)
            previous.add(Double(row[query - 1]), chance)
            itself.add(Double(row[query]), chance)
            first.add(Double(row[0]), chance)
            distance.add(0, Double(query) / 2)
            entropy.add(0, log2(Double(query + 1)))
            for key in 0...query {
                let weight = Double(row[key])
                distance.value += weight * Double(query - key)
                if weight > 0 { entropy.value -= weight * log2(weight) }
                if key < query, tokens[key] == tokens[query] { same.add(weight, chance) }
                if blanks.contains(tokens[key]) { blank.add(weight, chance) }
            }
        }
        scale(by: 1 / Double(tokens.count - 1))
    }

    private init() {}

    /// The induction score of one map of weights on a text whose second half repeats the first.
    static func induction(_ weights: [[Float]]) -> Score {
        let half = weights.count / 2
        var score = Score()
        // The first character of the second half cannot know yet that anything is repeated.
        for query in half + 1..<2 * half {
            score.value += Double(weights[query][query - half + 1])
            score.chance += 1 / Double(query + 1)
        }
        let count = Double(max(1, half - 1))
        return Score(value: score.value / count, chance: score.chance / count)
    }

    /// The mean of several patterns.
    static func mean(_ patterns: [HeadPattern]) -> HeadPattern {
        var mean = HeadPattern()
        for pattern in patterns {
            for path in paths {
                mean[keyPath: path].value += pattern[keyPath: path].value
                mean[keyPath: path].chance += pattern[keyPath: path].chance
            }
        }
        mean.scale(by: 1 / Double(patterns.count))
        return mean
    }

    private static var paths: [WritableKeyPath<HeadPattern, Score>] {
        [\.distance, \.entropy, \.previous, \.itself, \.first, \.same, \.blank, \.induction]
    }


    private mutating func scale(by factor: Double) {
        for path in Self.paths {
            self[keyPath: path].value *= factor
            self[keyPath: path].chance *= factor
        }
    }
}
