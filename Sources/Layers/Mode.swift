/// What a model is run for. Every layer takes it as an argument, so there is no training switch to forget.
public enum Mode: Equatable, Sendable {
    /// Prediction: nothing is dropped.
    case inference
    /// Training: the dropout masks are functions of the seed, the dropout site and the step, which counts from 0.
    case training(seed: UInt64, step: Int)
}
