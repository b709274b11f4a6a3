import Autograd

/// Layer normalisation over the channels (Ba, Kiros and Hinton 2016).
public struct LayerNorm {
    /// Shape: (C)
    public let weight: Tensor
    /// Shape: (C)
    public let bias: Tensor?

    /// Makes the parameters `weight` and, if wanted, `bias`.
    public init(_ parameters: ParameterList, width: Int, bias: Bool) throws {
        weight = try parameters.make("weight", shape: [width], .constant(1))
        self.bias = bias ? try parameters.make("bias", shape: [width], .constant(0)) : nil
    }

    /// Shape: (..., C) -> (..., C)
    public func callAsFunction(_ x: Tensor) -> Tensor { x.layerNorm(weight: weight, bias: bias) }
}
