import Autograd
import Kernels

/// Layer normalization over the channels (Ba, Kiros and Hinton 2016): `(x - mean) / sqrt(variance + 1e-5) * weight + bias`.
public struct LayerNorm {
    /// The gain. Shape: (C)
    public let weight: Tensor
    /// Added to every row, if there is a bias. Shape: (C)
    public let bias: Tensor?

    /// Makes the parameter `weight`, which starts at 1, and if `bias` the parameter `bias`, which starts at 0.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - width: The width C, at least 1.
    ///   - bias: Whether there is a bias.
    /// - Throws: What the list throws.
    public init<Failure>(_ parameters: ParameterList<Failure>, width: Int, bias: Bool) throws(Failure) {
        weight = try parameters.make("weight", shape: [width], .constant(1))
        self.bias = bias ? try parameters.make("bias", shape: [width], .constant(0)) : nil
    }

    /// The normalized rows.
    ///
    /// Shape: (..., C) -> (..., C)
    public func callAsFunction(_ x: Tensor) -> Tensor { x.layerNorm(weight: weight, bias: bias) }

    /// Records the decode step: the layer for one new token of each text.
    package func decode(_ x: DecodeProgram.Activations, in program: DecodeProgram) -> DecodeProgram.Activations {
        program.layerNorm(x, weight: weight.buffer, bias: bias?.buffer)
    }
}
