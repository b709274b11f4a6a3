import Kernels

extension Tensor {
    /// The Gaussian error linear unit of every element, in its tanh form (Hendrycks and Gimpel 2016, section 2).
    public func gelu() -> Tensor {
        let output = Self.gelu(buffer)
        guard isTracked else { return Tensor(shape: shape, buffer: output) }
        let input = kept
        return .recorded(
            "gelu", shape: shape, buffer: output, inputs: [self], recipe: { Self.gelu(input()) }
        ) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            GELUKernel.backward(input(), outputGradient: gradient, inputGradient: inputGradient)
            return [inputGradient]
        }
    }

    private static func gelu(_ input: Buffer) -> Buffer {
        let output = Buffer(uninitialized: input.count)
        GELUKernel.forward(input, output: output)
        return output
    }
}
