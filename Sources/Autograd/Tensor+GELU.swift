import Kernels

extension Tensor {
    /// The Gaussian error linear unit of every element, in its tanh form (Hendrycks and Gimpel 2016, section 2).
    public func gelu() -> Tensor {
        let input = kept
        return .recorded("gelu", shape: shape, buffer: Self.gelu(buffer), inputs: [self]) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            GELUKernel.backward(input(), outputGradient: gradient, inputGradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The GELU of plain numbers.
    static func gelu(_ input: Buffer) -> Buffer {
        let output = Buffer(uninitialized: input.count)
        GELUKernel.forward(input, output: output)
        return output
    }

    /// The GELU of plain numbers; the gradient of the result, if there is one, becomes that of the input in the same pass.
    static func recomputeGELU(_ input: Buffer, _ gradient: Buffer?) -> Buffer {
        guard let gradient else { return gelu(input) }
        let output = Buffer(uninitialized: input.count)
        GELUKernel.backward(input, outputGradient: gradient, inputGradient: gradient, output: output)
        return output
    }
}
