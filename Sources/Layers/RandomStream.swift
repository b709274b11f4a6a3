import Foundation

/// A stream of random numbers that depends only on a seed, a purpose and a counter.
///
/// Each purpose has a stream of its own, so evaluating more often or sampling does not change training; and a stream that
/// begins afresh at every step, with the step as its counter, needs nothing saved in order to go on from there.
///
/// The numbers are those of SplitMix64 (Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators",
/// figure 17, with the constants of Vigna's `splitmix64.c`).
public struct RandomStream: RandomNumberGenerator, Sendable {
    /// What the numbers are for.
    public enum Purpose: UInt64, Sendable {
        /// The values that parameters start from.
        case initialization = 1
        /// Which windows of the text a step trains on.
        case data = 2
        /// Which activations are dropped.
        case dropout = 3
        /// Which characters are drawn from the model.
        case sampling = 4
        /// The order of a text's lines, where each is a text of its own.
        case lines = 5
    }

    private static let increment: UInt64 = 0x9e37_79b9_7f4a_7c15

    private var state: UInt64
    /// Box-Muller makes two normal numbers at a time; this is the one not yet handed out.
    private var spareNormal: Double?

    /// Starts the stream of a seed, a purpose and a counter.
    ///
    /// Every word is mixed in by a bijection, so that of two streams that differ in one of the three none has the start of
    /// the other.
    ///
    /// - Parameters:
    ///   - seed: Chosen by the user.
    ///   - purpose: What the numbers are for.
    ///   - counter: Which stream of that purpose, such as the step.
    public init(seed: UInt64, purpose: Purpose, counter: UInt64 = 0) {
        let mixedSeed = Self.mix(seed &+ Self.increment)
        let mixedPurpose = Self.mix((mixedSeed ^ purpose.rawValue) &+ Self.increment)
        self.init(state: Self.mix((mixedPurpose ^ counter) &+ Self.increment))
    }

    /// The plain generator from a given state, as it is published.
    init(state: UInt64) {
        self.state = state
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mix(state)
    }

    /// The next number from the uniform distribution over [0, 1), a multiple of 2 to the power -53.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// The next number from the normal distribution of mean 0 and standard deviation 1 (Box and Muller 1958).
    public mutating func normal() -> Double {
        if let spare = spareNormal {
            spareNormal = nil
            return spare
        }
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = (-2 * log(1 - uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        spareNormal = radius * sin(angle)
        return radius * cos(angle)
    }

    /// The next integer from 0 to `bound` - 1, every one equally likely (Lemire 2019, "Fast Random Integer Generation in
    /// an Interval", algorithm 5).
    ///
    /// The standard library's own way may change between its versions, and a resumed run must not notice.
    ///
    /// - Precondition: `bound` is positive.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a random integer needs a positive bound, got \(bound)")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold {
                product = next().multipliedFullWidth(by: bound)
            }
        }
        return Int(product.high)
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
