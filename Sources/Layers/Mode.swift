import Autograd

/// What a model is run for. It is passed to every layer, so there is no switch to forget.
public enum Mode: Equatable, Sendable {
    /// To predict: nothing is dropped.
    case inference
    /// To learn: dropout drops what the seed and the step decide.
    case training(seed: UInt64, step: Int)
}
