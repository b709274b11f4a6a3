import Testing

@testable import TinyGPT

@Suite("What heads do")
struct HeadPatternTests {
    /// "abca b": 9 is the space.
    private static let tokens: [Int32] = [1, 2, 3, 1, 9, 2]
    private static let everyTarget = AttentionTarget.allCases

    /// The pattern of a head that looks from each row at positions of its choice, at all of them alike.
    private static func pattern(_ looks: (Int) -> [Int]) -> HeadPattern {
        let count = tokens.count
        var weights = [Float](repeating: 0, count: count * count)
        for row in 0..<count {
            let positions = looks(row)
            for position in positions { weights[row * count + position] = 1 / Float(positions.count) }
        }
        var tally = HeadPatternTally()
        // A slice that does not begin at 0, as that of a later head.
        tally.add(([7, 7] + weights)[2...], MarkedText(tokens, targets: everyTarget, spaces: [9]))
        tally.addSpread(([7, 7] + weights)[2...], count: count)
        return tally.pattern
    }

    @Test("A head that does one thing only scores 1 for it, and is named by it")
    func pure() {
        let previous = Self.pattern { [max(0, $0 - 1)] }
        #expect(previous[.previousCharacter].value == 1)
        #expect(previous.name == "previous character")
        #expect(previous.distance.value == 1)
        #expect(previous.entropy.value == 0)
        let itself = Self.pattern { [$0] }
        #expect(itself[.itself].value == 1)
        #expect(itself.name == "self")
        #expect(itself.distance.value == 0)
        let first = Self.pattern { _ in [0] }
        #expect(first[.firstPosition].value == 1)
        #expect(first.name == "first position")
        #expect(first.distance.value == 3)
        // Rows 3 and 5 have an earlier occurrence, at 0 and 1; what came next is at 1 and 2.
        let same = Self.pattern { $0 == 3 ? [0] : $0 == 5 ? [1] : [0, $0] }
        #expect(same[.sameCharacter].value == 1)
        let induction = Self.pattern { $0 == 3 ? [1] : $0 == 5 ? [2] : [0, $0] }
        #expect(induction[.induction].value == 1)
        #expect(induction[.sameCharacter].value == 0)
        #expect(induction.name == "induction")
        // Rows 4 and 5 have the space.
        let space = Self.pattern { $0 >= 4 ? [4] : [0, $0] }
        #expect(space[.space].value == 1)
        #expect(space.name == "space or newline")
    }

    @Test("A head that looks at everything alike scores what chance scores, which is what was computed by hand")
    func uniform() {
        let pattern = Self.pattern { Array(0...$0) }
        let harmonic = 1 / 2.0 + 1 / 3.0 + 1 / 4.0 + 1 / 5.0 + 1 / 6.0
        let chances: [AttentionTarget: Double] = [
            .previousCharacter: harmonic / 5, .itself: harmonic / 5, .firstPosition: harmonic / 5,
            .sameCharacter: (1 / 4.0 + 1 / 6.0) / 2, .space: (1 / 5.0 + 1 / 6.0) / 2,
            .induction: (1 / 4.0 + 1 / 6.0) / 2,
        ]
        for target in Self.everyTarget {
            #expect(abs(pattern[target].value - pattern[target].chance) < 1e-6)
            #expect(abs(pattern[target].chance - (chances[target] ?? .nan)) < 1e-12)
        }
        #expect(abs(pattern.distance.value - 1.5) < 1e-6)
        #expect(abs(pattern.distance.chance - 1.5) < 1e-12)
        // log2(2 * 3 * 4 * 5 * 6) over 5 rows.
        #expect(abs(pattern.entropy.chance - 9.491853096329674 / 5) < 1e-12)
        #expect(abs(pattern.entropy.value - pattern.entropy.chance) < 1e-5)
        #expect(pattern.name == "uniform")
    }

    @Test("What follows an earlier occurrence is never the character itself")
    func doubled() {
        #expect(AttentionTarget.induction.positions(from: 1, in: [5, 5, 5], spaces: []) == [])
        #expect(AttentionTarget.induction.positions(from: 2, in: [5, 5, 5], spaces: []) == [1])
    }

    @Test("A head that does nothing clearly has no name, one that stays near is called so")
    func unclear() {
        func pattern(distance: Double, _ mass: Double) -> HeadPattern {
            HeadPattern(
                distance: .init(value: distance, chance: 16), entropy: .init(value: 3, chance: 4),
                masses: [.space: .init(value: mass, chance: 0.2)])
        }
        #expect(pattern(distance: 9, 0.59).name == nil)
        #expect(pattern(distance: 9, 0.61).name == "space or newline")
        #expect(pattern(distance: 3.9, 0.59).name == "nearby characters")
        #expect(pattern(distance: 4.1, 0.59).name == nil)
    }
}
