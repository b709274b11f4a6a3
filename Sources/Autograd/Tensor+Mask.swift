import Kernels

extension Tensor {
    /// The same values with a constant where a mask is not 0: -infinity before ``softmax()`` makes those weights 0. The gradient
    /// there is 0.
    ///
    /// Shape: (..., S), mask (S) or another that broadcasts to it -> (..., S)
    ///
    ///     let scores = Tensor([1, 2, 3, 4], shape: [2, 2])
    ///     let future = Tensor([0, 1, 0, 0], shape: [2, 2])
    ///     print(scores.masked(where: future, with: -.infinity))  // (2, 2) [[1.0, -inf], [3.0, 4.0]]
    ///
    /// - Parameters:
    ///   - mask: A constant.
    ///   - value: What masked elements are replaced by.
    /// - Returns: The values with the constant among them.
    /// - Precondition: The mask is a constant that can be broadcast to this shape.
    public func masked(where mask: Tensor, with value: Float) -> Tensor {
        precondition(!mask.isTracked, "a mask that is not a constant")
        let mask = (shape.ends(with: mask.shape) ? mask : mask.broadcasted(to: shape)).buffer
        return .recorded("mask", shape: shape, buffer: Self.masked(buffer, mask, value), inputs: [self]) { gradient in
            [Self.masked(gradient, mask, 0)]
        }
    }

    /// The same values with a constant where a condition holds, as ``masked(where:with:)-(Tensor,_)``.
    ///
    /// Shape: (..., S), a condition for each element of S -> (..., S)
    ///
    ///     let scores = Tensor([1, 2, 3, 4], shape: [2, 2])
    ///     print(scores.masked(where: [false, true, false, false], with: 0))  // (2, 2) [[1.0, 0.0], [3.0, 4.0]]
    ///
    /// - Parameters:
    ///   - condition: Whether to replace an element, row after row; repeated along the outer axes.
    ///   - value: What these elements are replaced by.
    /// - Returns: The values with the constant among them.
    /// - Precondition: There are as many conditions as some of the innermost axes have elements.
    public func masked(where condition: [Bool], with value: Float) -> Tensor {
        let masks = (0...shape.rank).map { Shape(Array(shape.array.suffix($0))) }
        guard let mask = masks.first(where: { $0.count == condition.count }) else {
            preconditionFailure("\(condition.count) conditions for a tensor of shape \(shape)")
        }
        return masked(where: Tensor(condition.map { $0 ? 1 : 0 }, shape: mask), with: value)
    }

    private static func masked(_ input: Buffer, _ mask: Buffer, _ value: Float) -> Buffer {
        let output = Buffer(uninitialized: input.count)
        ElementwiseKernel.mask(input, where: mask, with: value, output: output)
        return output
    }
}
