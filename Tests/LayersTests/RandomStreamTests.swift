import Testing

@testable import Layers

@Suite("Random streams")
struct RandomStreamTests {
    @Test("The plain generator makes the published SplitMix64 sequence")
    func publishedSequence() {
        var random = RandomStream(state: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in random.next() } == expected)
    }

    @Test("Seed, purpose and counter each choose another stream")
    func distinctStreams() {
        let purposes: [RandomStream.Purpose] = [.initialization, .data, .dropout, .sampling]
        var starts: Set<UInt64> = []
        for seed: UInt64 in 0..<20 {
            for purpose in purposes {
                for counter: UInt64 in 0..<20 {
                    var random = RandomStream(seed: seed, purpose: purpose, counter: counter)
                    starts.insert(random.next())
                }
            }
        }
        #expect(starts.count == 20 * 4 * 20)
    }

    @Test("Uniform numbers lie in [0, 1) with the mean and variance they should have")
    func uniform() {
        var random = RandomStream(seed: 1, purpose: .sampling)
        let numbers = (0..<20_000).map { _ in random.uniform() }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = numbers.reduce(0, +) / 20_000
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean - 0.5) < 0.01)
        #expect(abs(variance - 1.0 / 12) < 0.003)
    }

    @Test("Normal numbers have mean 0, variance 1, the right tails and no correlation from one to the next")
    func normal() {
        var random = RandomStream(seed: 1, purpose: .initialization)
        let count = 20_000.0
        let numbers = (0..<Int(count)).map { _ in random.normal() }
        let mean = numbers.reduce(0, +) / count
        let variance = numbers.reduce(0) { $0 + $1 * $1 } / count
        let beyondTwo = Double(numbers.count { abs($0) > 2 }) / count
        let correlation = zip(numbers, numbers.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / count
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.05)
        #expect(abs(beyondTwo - 0.0455) < 0.006)
        #expect(abs(correlation) < 0.03)
    }

    @Test(
        "Integers below a bound are all reached about equally often, and nothing else is", arguments: [1, 2, 3, 7, 10])
    func below(bound: Int) {
        var random = RandomStream(seed: 5, purpose: .data)
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<2000 * bound { counts[random.below(bound)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 2000) < 200 }, "\(counts)")
    }

    @Test("A bound that is no power of two is unbiased even where taking the remainder would not be")
    func largeBound() {
        // Of the numbers below three quarters of 2 to the 63, a biased method draws the lower ones far too often.
        let bound = 3 << 61
        var random = RandomStream(seed: 6, purpose: .data)
        let low = (0..<6000).count { _ in random.below(bound) < bound / 3 }
        #expect(abs(low - 2000) < 150)
    }
}
