import Autograd

/// A dropout site of a model (Srivastava et al. 2014): in training each element is zeroed with probability `rate` and the
/// others are multiplied by 1 / (1 - rate), so that nothing has to change for inference.
public struct RandomDropout: Sendable {
    /// The probability of dropping an element, from 0 up to, not including, 1.
    public let rate: Float
    /// The site's number in the model: no two sites share their random numbers.
    let site: UInt64

    /// A dropout site with the next number of the model.
    ///
    /// - Parameters:
    ///   - parameters: The model's parameter list, which counts its dropout sites.
    ///   - rate: The probability of dropping an element, from 0 up to, not including, 1.
    public init<Failure>(_ parameters: ParameterList<Failure>, rate: Float) {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate) is not in 0..<1")
        self.rate = rate
        site = parameters.nextDropoutSite()
    }

    /// The mask of this site in a mode; nil in inference, and at a rate of 0.
    public func callAsFunction(_ mode: Mode) -> Dropout? {
        guard rate > 0, case .training(let seed, let step) = mode else { return nil }
        var random = RandomStream(seed: seed, purpose: .dropout, counter: UInt64(step) << 16 | site)
        return Dropout(rate: rate, key: random.next())
    }
}
