import Kernels

extension Tensor {
    /// The Gaussian error linear unit of every element, in its tanh form (Hendrycks and Gimpel 2016, section 2).
    public func gelu() -> Tensor {
        let input = kept
        let forward = {
            let x = input()
            let output = Buffer(uninitialized: x.count)
            GELUKernel.forward(x, output: output)
            return output
        }
        return .recorded("gelu", shape: shape, buffer: forward(), inputs: [self], recipe: forward) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            GELUKernel.backward(input(), outputGradient: gradient, inputGradient: inputGradient)
            return [inputGradient]
        }
    }
}
