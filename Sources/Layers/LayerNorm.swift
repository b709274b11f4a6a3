import Autograd
import Kernels

/// Layer normalization over the channels (Ba, Kiros and Hinton 2016), with epsilon 1e-5.
public struct LayerNorm {
    /// The gain. Shape: (C)
    public let weight: Tensor
    /// Shape: (C)
    public let bias: Tensor?

    /// Makes the parameter `weight`, which starts at 1, and if `bias` the parameter `bias`, which starts at 0.
    ///
    /// - Throws: What the list throws.
    public init<Failure>(_ parameters: ParameterList<Failure>, width: Int, bias: Bool) throws(Failure) {
        weight = try parameters.make("weight", shape: [width], .constant(1))
        self.bias = bias ? try parameters.make("bias", shape: [width], .constant(0)) : nil
    }

    /// Shape: (..., C) -> (..., C)
    public func callAsFunction(_ x: Tensor) -> Tensor { x.layerNorm(weight: weight, bias: bias) }

    /// Records the decode step: the layer for one new token of each text.
    package func decode(_ x: DecodeProgram.Activations, in program: DecodeProgram) -> DecodeProgram.Activations {
        program.layerNorm(x, weight: weight.buffer, bias: bias?.buffer)
    }
}
