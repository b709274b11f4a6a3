import Kernels

extension Tensor {
    /// e to the power of every element.
    public func exp() -> Tensor { map("exp", .exp) }

    /// The natural logarithm of every element.
    public func log() -> Tensor { map("log", .log) }

    /// The hyperbolic tangent of every element.
    public func tanh() -> Tensor { map("tanh", .tanh) }

    /// Every element, or 0 where that is larger.
    public func relu() -> Tensor { map("relu", .relu) }

    /// Every element to a constant power.
    public func power(_ exponent: Float) -> Tensor { map("power \(exponent)", .power(exponent)) }

    /// Every element times a constant.
    public func scaled(by factor: Float) -> Tensor { map("scale \(factor)", .scale(factor)) }

    /// The result of an operation on every element.
    func map(_ name: String, _ operation: ElementwiseKernel.Unary) -> Tensor {
        let output = Buffer(uninitialized: shape.count)
        ElementwiseKernel.apply(operation, buffer, output: output)
        let input = savedForBackward
        return .recorded(name, shape: shape, buffer: output, inputs: [self]) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            ElementwiseKernel.gradient(
                of: operation, input: input(), output: output, outputGradient: gradient, inputGradient: inputGradient)
            return [inputGradient]
        }
    }
}
