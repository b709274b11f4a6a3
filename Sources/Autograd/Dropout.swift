import Kernels

/// Which elements an operation drops: a rate, and a key that tells this mask from all others.
///
/// The mask is a function of the key and of where an element stands, so the backward pass makes the same one again, and
/// the same key gives the same mask at any number of threads.
public struct Dropout: Equatable, Sendable {
    /// The probability with which an element becomes 0; the others are multiplied by 1 / (1 - rate).
    public let rate: Float
    /// What tells this mask from all others.
    public let key: UInt64

    /// Creates a mask.
    ///
    /// - Parameters:
    ///   - rate: From 0 up to but not including 1.
    ///   - key: What tells this mask from all others: mixed from seed, step and layer, say.
    public init(rate: Float, key: UInt64) {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate) is not in 0..<1")
        self.rate = rate
        self.key = key
    }

    /// The kernels' view of it; nil where nothing is dropped.
    var mask: DropoutMask? { rate > 0 ? DropoutMask(rate: rate, key: key) : nil }
}
