import Autograd

/// A matrix product, and a bias if there is one: `x W + b`.
public struct Linear {
    /// Shape: (inputs, outputs)
    public let weight: Tensor
    /// Shape: (outputs)
    public let bias: Tensor?

    /// Makes the parameters `weight` and, if wanted, `bias`.
    public init(
        _ parameters: ParameterList, inputs: Int, outputs: Int, bias: Bool, initialisation: Initialisation = .matrix
    ) throws {
        weight = try parameters.make("weight", shape: [inputs, outputs], initialisation)
        self.bias = bias ? try parameters.make("bias", shape: [outputs], .constant(0)) : nil
    }

    /// Shape: (..., inputs) -> (..., outputs)
    public func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(weight, plus: bias) }

    /// The layer applied to the GELU of `x`, in one operation.
    ///
    /// Shape: (..., inputs) -> (..., outputs)
    public func callAsFunction(afterGELU x: Tensor) -> Tensor { x.geluMatmul(weight, plus: bias) }
}
