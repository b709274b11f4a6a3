import Kernels

extension Tensor {
    /// e to the power of every element; infinite above 88.72. The error is at most 2 units in the last place.
    public func exp() -> Tensor { map("exp", .exp) }

    /// The natural logarithm of every element: -infinity of 0, and NaN of negative numbers.
    public func log() -> Tensor { map("log", .log) }

    /// The hyperbolic tangent of every element, from -1 to 1. The error is at most 3 units in the last place.
    public func tanh() -> Tensor { map("tanh", .tanh) }

    /// The logistic function of every element, `1 / (1 + e^-x)`, from 0 to 1.
    ///
    /// Shape: (...) -> (...)
    ///
    ///     print(Tensor([-2, 0, 2], shape: [3]).sigmoid())  // (3) [0.11920292, 0.5, 0.880797]
    public func sigmoid() -> Tensor { map("sigmoid", .sigmoid) }

    /// The rectified linear unit of every element, max(x, 0). The gradient at 0 is 0.
    public func relu() -> Tensor { map("relu", .relu) }

    /// Every element to a constant power, as C's `pow`: NaN of a negative element unless the exponent is a whole number, and
    /// infinite of 0 if the exponent is negative. The gradient is `exponent * x^(exponent - 1)`.
    public func power(_ exponent: Float) -> Tensor { map("power \(exponent)", .power(exponent)) }

    /// Every element times a constant factor.
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
