import Autograd

/// A place in the model where elements are dropped while it learns (Srivastava et al. 2014).
///
/// The others are scaled up by 1 / (1 - rate), so that nothing has to change for inference.
public struct RandomDropout: Sendable {
    /// The probability with which an element is dropped.
    public let rate: Float
    /// Which place in the model this is: no two share their random numbers.
    let site: UInt64

    /// Creates a place that is unlike all those created with the same list before.
    public init(_ parameters: ParameterList, rate: Float) {
        self.rate = rate
        site = parameters.nextDropoutSite()
    }

    /// What to drop in this mode; nil for nothing.
    public func callAsFunction(_ mode: Mode) -> Dropout? {
        guard rate > 0, case .training(let seed, let step) = mode else { return nil }
        var random = RandomStream(seed: seed, purpose: .dropout, counter: UInt64(step) << 16 | site)
        return Dropout(rate: rate, key: random.next())
    }
}
