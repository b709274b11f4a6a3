import Kernels

/// A dropout mask, given by its rate and a key.
///
/// The mask is a function of the key and of an element's index, so the backward pass recomputes it, and the same key gives
/// the same mask at any number of threads.
public struct Dropout: Equatable, Sendable {
    /// The probability with which an element becomes 0; the others are multiplied by 1 / (1 - rate).
    public let rate: Float
    /// The mask's key: masks of different keys are independent.
    public let key: UInt64

    /// A mask of a rate and a key.
    ///
    /// - Parameters:
    ///   - rate: From 0 up to but not including 1.
    ///   - key: Masks of different keys are independent; mix it from seed, step and dropout site, for example.
    public init(rate: Float, key: UInt64) {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate) is not in 0..<1")
        self.rate = rate
        self.key = key
    }

    /// The kernels' mask; nil where nothing is dropped.
    var mask: DropoutMask? { rate > 0 ? DropoutMask(rate: rate, key: key) : nil }
}
