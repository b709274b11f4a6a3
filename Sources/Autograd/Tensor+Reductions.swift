import Kernels

extension Tensor {
    /// The sum of all elements, 0 of none. Groups of 8192 are summed in 32 bits, their sums in 64.
    ///
    /// Shape: (...) -> ()
    public func sum() -> Tensor {
        let count = shape.count
        return .recorded("sum", shape: [], buffer: Buffer([ReductionKernel.sum(buffer)]), inputs: [self]) { gradient in
            [Buffer(repeating: gradient[0], count: count)]
        }
    }

    /// The mean of all elements; NaN of none.
    ///
    /// Shape: (...) -> ()
    public func mean() -> Tensor { sum().scaled(by: 1 / Float(shape.count)) }

    /// The largest element, NaN if one is NaN. The gradient goes to the first of equal ones.
    ///
    /// Shape: (...) -> ()
    ///
    ///     print(Tensor([1, 4, 2], shape: [3]).max())  // 4.0
    ///
    /// - Precondition: There is an element.
    public func max() -> Tensor { reshaped([shape.count]).max(axis: 0) }

    /// The sum along an axis: `y[i, k] = sum over j of x[i, j, k]`.
    ///
    /// Shape: (..., S, ...) -> (..., ...), or (..., 1, ...) if the axis is kept
    ///
    ///     let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    ///     print(x.sum(axis: 0))                     // (3) [5.0, 7.0, 9.0]
    ///     print(x.sum(axis: 1, keepingAxis: true))  // (2, 1) [[6.0], [15.0]]
    ///
    /// - Parameters:
    ///   - axis: The axis; negative axes count from the innermost, which is -1.
    ///   - keepingAxis: Whether the axis stays, with size 1.
    /// - Returns: The sums; those of no elements are 0.
    /// - Precondition: The tensor has this axis.
    public func sum(axis: Int, keepingAxis: Bool = false) -> Tensor {
        let (axis, shape) = (shape.axis(axis), shape)
        return .recorded(
            "sum", shape: shape.reduced(axis, keepingAxis), buffer: Self.reduced(.sum, buffer, shape, axis),
            inputs: [self]
        ) { gradient in
            var strides = shape.replacing(axis, with: 1).strides
            strides[axis] = 0
            return [Self.copy(gradient, strides: strides, to: shape)]
        }
    }

    /// The mean along an axis: ``sum(axis:keepingAxis:)`` divided by its size.
    ///
    /// Shape: (..., S, ...) -> (..., ...), or (..., 1, ...) if the axis is kept
    ///
    ///     let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    ///     print(x.mean(axis: 1))  // (2) [2.0, 5.0]
    ///
    /// - Parameters:
    ///   - axis: The axis; negative axes count from the innermost, which is -1.
    ///   - keepingAxis: Whether the axis stays, with size 1.
    /// - Returns: The means; those of no elements are NaN.
    /// - Precondition: The tensor has this axis.
    public func mean(axis: Int, keepingAxis: Bool = false) -> Tensor {
        sum(axis: axis, keepingAxis: keepingAxis).scaled(by: 1 / Float(shape[axis]))
    }

    /// The maximum along an axis, NaN where an element is NaN. The gradient goes to the first of equal elements.
    ///
    /// Shape: (..., S, ...) -> (..., ...), or (..., 1, ...) if the axis is kept
    ///
    ///     let x = Tensor([1, 5, 3, 4, 2, 6], shape: [2, 3])
    ///     print(x.max(axis: 0))   // (3) [4.0, 5.0, 6.0]
    ///     print(x.max(axis: -1))  // (2) [5.0, 6.0]
    ///
    /// - Parameters:
    ///   - axis: The axis; negative axes count from the innermost, which is -1.
    ///   - keepingAxis: Whether the axis stays, with size 1.
    /// - Returns: The maxima.
    /// - Precondition: The tensor has this axis, which is not empty.
    public func max(axis: Int, keepingAxis: Bool = false) -> Tensor {
        let (axis, shape) = (shape.axis(axis), shape)
        precondition(shape[axis] > 0, "a maximum along the empty axis \(axis) of the shape \(shape)")
        let (input, output) = (savedForBackward, Self.reduced(.maximum, buffer, shape, axis))
        return .recorded("max", shape: shape.reduced(axis, keepingAxis), buffer: output, inputs: [self]) { gradient in
            let inputGradient = Buffer(uninitialized: shape.count)
            AxisKernel.maximumGradient(
                input(), size: shape[axis], inner: shape.strides[axis], output: output, outputGradient: gradient,
                inputGradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The mean squared error: `mean((x - target)^2)`.
    ///
    /// Shape: (...), target (...) -> ()
    ///
    ///     let x = Tensor([1, 2], shape: [2])
    ///     print(x.meanSquaredError(Tensor([3, 3], shape: [2])))  // 2.5
    ///
    /// - Precondition: Both shapes are the same.
    public func meanSquaredError(_ target: Tensor) -> Tensor {
        precondition(shape == target.shape, "\(shape) has no mean squared error with a target of shape \(target.shape)")
        let difference = self - target
        return (difference * difference).mean()
    }

    /// The reduction of an axis of a plain buffer.
    static func reduced(_ reduction: AxisKernel.Reduction, _ input: Buffer, _ shape: Shape, _ axis: Int) -> Buffer {
        let output = Buffer(uninitialized: shape.replacing(axis, with: 1).count)
        AxisKernel.reduce(reduction, input, size: shape[axis], inner: shape.strides[axis], output: output)
        return output
    }
}
