import Autograd
import Kernels

/// Root mean square normalization over the channels (Zhang and Sennrich 2019): `x / sqrt(mean(x^2) + 1e-6) * weight`.
public struct RMSNorm {
    /// The gain. Shape: (C)
    public let weight: Tensor

    /// Makes the parameter `weight`, which starts at 1.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameter is made by and added to.
    ///   - width: The width C, or for queries and keys the head width D; at least 1.
    /// - Throws: What the list throws.
    public init<Failure>(_ parameters: ParameterList<Failure>, width: Int) throws(Failure) {
        weight = try parameters.make("weight", shape: [width], .constant(1))
    }

    /// The normalized rows.
    ///
    /// Shape: (..., C) -> (..., C)
    public func callAsFunction(_ x: Tensor) -> Tensor { x.rmsNorm(weight: weight) }

    /// Records the decode step: the layer for one new token of each text.
    package func decode(_ x: DecodeProgram.Activations, in program: DecodeProgram) -> DecodeProgram.Activations {
        program.rmsNorm(x, weight: weight.buffer)
    }
}
