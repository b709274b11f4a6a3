import Kernels

extension Tensor {
    /// The Gaussian error linear unit of every element, in its tanh form (Hendrycks and Gimpel 2016, section 2):
    /// `x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2`.
    public func gelu() -> Tensor {
        let input = savedForBackward
        return .recorded("gelu", shape: shape, buffer: Self.gelu(buffer), inputs: [self]) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            GELUKernel.backward(input(), outputGradient: gradient, inputGradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The GELU of a plain buffer.
    static func gelu(_ input: Buffer) -> Buffer {
        let output = Buffer(uninitialized: input.count)
        GELUKernel.forward(input, output: output)
        return output
    }
}
