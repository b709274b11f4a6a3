import Autograd

extension Tensor {
    /// A parameter with normally distributed values of mean 0. Its ``Tensor/constant`` is a random constant.
    ///
    ///     var random = RandomStream(seed: 1, purpose: .initialization)
    ///     let weight = Tensor.parameter(normal: [64, 32], deviation: 1 / 8, &random)
    ///
    /// - Parameters:
    ///   - shape: The sizes along the axes.
    ///   - deviation: The standard deviation.
    ///   - random: Where the numbers come from.
    /// - Returns: The parameter.
    public static func parameter(
        normal shape: Shape, deviation: Float = 1, _ random: inout RandomStream
    ) -> Tensor {
        .parameter(Initialization.normal(deviation: deviation).values(count: shape.count, &random), shape: shape)
    }

    /// A parameter with uniformly distributed values. Its ``Tensor/constant`` is a random constant.
    ///
    ///     var random = RandomStream(seed: 1, purpose: .initialization)
    ///     let weight = Tensor.parameter(uniform: [64, 32], in: -0.125...0.125, &random)
    ///
    /// - Parameters:
    ///   - shape: The sizes along the axes.
    ///   - range: The values.
    ///   - random: Where the numbers come from.
    /// - Returns: The parameter.
    public static func parameter(
        uniform shape: Shape, in range: ClosedRange<Float>, _ random: inout RandomStream
    ) -> Tensor {
        let width = Double(range.upperBound) - Double(range.lowerBound)
        let values = (0..<shape.count).map { _ in Float(Double(range.lowerBound) + width * random.uniform()) }
        return .parameter(values, shape: shape)
    }
}
