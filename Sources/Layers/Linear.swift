import Autograd

/// A linear layer: `x W + b`.
public struct Linear {
    /// W. Shape: (inputs, outputs)
    public let weight: Tensor
    /// b, if there is a bias. Shape: (outputs)
    public let bias: Tensor?

    /// Makes the parameter `weight` and, if `bias`, the parameter `bias`, which starts at 0.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - inputs: The innermost size of the input, at least 1.
    ///   - outputs: The innermost size of the output, at least 1.
    ///   - bias: Whether there is a bias.
    ///   - sections: Layers of the same size whose outputs stand side by side.
    ///   - initialization: The distribution of the initial weight.
    /// - Throws: What the list throws.
    public init<Failure>(
        _ parameters: ParameterList<Failure>, inputs: Int, outputs: Int, bias: Bool = true, sections: Int = 1,
        initialization: Initialization = .matrix
    ) throws(Failure) {
        weight = try parameters.make("weight", shape: [inputs, outputs], initialization, .hidden(sections: sections))
        self.bias = bias ? try parameters.make("bias", shape: [outputs], .constant(0)) : nil
    }

    /// `x W + b`
    ///
    /// Shape: (..., inputs) -> (..., outputs)
    public func callAsFunction(_ x: Tensor) -> Tensor { x.matmul(weight, plus: bias) }

    /// `gelu(x) W + b` as one operation, which saves no activations between the two.
    ///
    /// Shape: (..., inputs) -> (..., outputs)
    public func callAsFunction(afterGELU x: Tensor) -> Tensor { x.geluMatmul(weight, plus: bias) }

    /// `(silu(gate) * up) W` as one operation of gates and ups side by side.
    ///
    /// Shape: (..., 2 inputs) -> (..., outputs)
    ///
    /// - Precondition: The layer has no bias.
    public func callAsFunction(afterSwiGLU x: Tensor) -> Tensor {
        precondition(bias == nil, "a linear layer with a bias after SwiGLU")
        return x.swiGLUMatmul(weight)
    }
}
