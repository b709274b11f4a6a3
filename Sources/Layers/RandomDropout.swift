import Autograd

/// What a model is run for. Every layer takes it as an argument, so there is no training switch to forget.
public enum Mode: Equatable, Sendable {
    /// Prediction: nothing is dropped.
    case inference
    /// Training: dropout masks are functions of the seed and the step, which counts from 0.
    case training(seed: UInt64, step: Int)
}

/// A dropout site of a model (Srivastava et al. 2014): in training each element is zeroed with probability `rate` and the
/// others are multiplied by 1 / (1 - rate), so that nothing has to change for inference.
public struct RandomDropout: Sendable {
    /// The probability of dropping an element, from 0 up to, not including, 1.
    public let rate: Float
    /// The site's number in the model: no two sites share their random numbers.
    let site: UInt64

    /// A site unlike all those made with the same list before.
    public init<Failure>(_ parameters: ParameterList<Failure>, rate: Float) {
        self.rate = rate
        site = parameters.nextDropoutSite()
    }

    /// The mask of this site in a mode; nil where nothing is dropped.
    public func callAsFunction(_ mode: Mode) -> Dropout? {
        guard rate > 0, case .training(let seed, let step) = mode else { return nil }
        var random = RandomStream(seed: seed, purpose: .dropout, counter: UInt64(step) << 16 | site)
        return Dropout(rate: rate, key: random.next())
    }
}
