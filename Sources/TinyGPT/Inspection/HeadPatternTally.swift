import Foundation

/// The sums from which a ``HeadPattern`` is made, collected over texts.
struct HeadPatternTally {
    /// A score on its way.
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

    /// The means of what was added.
    var pattern: HeadPattern {
        HeadPattern(distance: distance.mean, entropy: entropy.mean, masses: masses.mapValues(\.mean))
    }

    /// Counts what goes to the marked positions of a text.
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

    /// Counts how far and how widely a head looks on a text.
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
