import Kernels

extension Tensor {
    /// The same values with two axes exchanged, as a copy.
    ///
    /// Shape: (..., M, ..., N, ...) -> (..., N, ..., M, ...)
    ///
    ///     let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    ///     print(x.transposed())  // (3, 2) [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    ///
    /// - Parameters:
    ///   - a: One of the axes; negative axes count from the innermost, which is -1.
    ///   - b: The other.
    /// - Returns: The values in their new order.
    /// - Precondition: The tensor has these axes.
    public func transposed(_ a: Int = -2, _ b: Int = -1) -> Tensor {
        let (a, b, shape) = (shape.axis(a), shape.axis(b), shape)
        var (sizes, strides) = (shape.array, shape.strides)
        sizes.swapAt(a, b)
        strides.swapAt(a, b)
        let result = Shape(sizes)
        return .recorded(
            "transpose", shape: result, buffer: Self.copy(buffer, strides: strides, to: result), inputs: [self]
        ) { gradient in
            var strides = result.strides
            strides.swapAt(a, b)
            return [Self.copy(gradient, strides: strides, to: shape)]
        }
    }

    /// The part of this tensor that a range of indices of an axis selects, as a copy. The gradient of the rest is 0.
    ///
    /// Shape: (..., S, ...) -> (..., range.count, ...)
    ///
    ///     let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    ///     print(x.sliced(1..<2))           // (1, 3) [[4.0, 5.0, 6.0]]
    ///     print(x.sliced(0..<2, axis: 1))  // (2, 2) [[1.0, 2.0], [4.0, 5.0]]
    ///
    /// - Parameters:
    ///   - range: The indices.
    ///   - axis: Whose indices they are; negative axes count from the innermost, which is -1.
    /// - Returns: The part.
    /// - Precondition: The tensor has this axis, and the range is inside it.
    public func sliced(_ range: Range<Int>, axis: Int = 0) -> Tensor {
        let (axis, shape) = (shape.axis(axis), shape)
        precondition(
            range.lowerBound >= 0 && range.upperBound <= shape[axis],
            "a slice \(range) of axis \(axis) of the shape \(shape)")
        let result = shape.replacing(axis, with: range.count)
        let start = range.lowerBound * shape.strides[axis]
        return .recorded(
            "slice", shape: result,
            buffer: Self.copy(buffer, from: start, strides: shape.strides, to: result), inputs: [self]
        ) { gradient in
            let inputGradient = Buffer(repeating: 0, count: shape.count)
            let axes = zip(result.array, zip(result.strides, shape.strides))
                .map { StridedKernel.Axis(size: $0, source: $1.0, target: $1.1) }
            StridedKernel.copy(gradient, to: inputGradient, at: start, axes: axes)
            return [inputGradient]
        }
    }

    /// Tensors one after the other along an axis.
    ///
    /// Shape: (..., S1, ...), (..., S2, ...) and so on -> (..., S1 + S2 + ..., ...)
    ///
    ///     let x = Tensor([1, 2], shape: [1, 2])
    ///     let y = Tensor([3, 4], shape: [1, 2])
    ///     print(Tensor.concatenated([x, y]))            // (2, 2) [[1.0, 2.0], [3.0, 4.0]]
    ///     print(Tensor.concatenated([x, y], axis: -1))  // (1, 4) [[1.0, 2.0, 3.0, 4.0]]
    ///
    /// - Parameters:
    ///   - parts: The tensors.
    ///   - axis: Along which; negative axes count from the innermost, which is -1.
    /// - Returns: All of them as one tensor.
    /// - Precondition: There is a part, all have this axis, and their shapes agree but for it.
    public static func concatenated(_ parts: [Tensor], axis: Int = 0) -> Tensor {
        precondition(!parts.isEmpty, "a concatenation of no tensors")
        let (axis, first) = (parts[0].shape.axis(axis), parts[0].shape)
        for part in parts {
            precondition(
                part.shape.rank == first.rank && part.shape.replacing(axis, with: first[axis]) == first,
                "\(part.shape) cannot be concatenated with \(first) along axis \(axis)")
        }
        let shape = first.replacing(axis, with: parts.reduce(0) { $0 + $1.shape[axis] })
        let (strides, shapes, tracked) = (shape.strides, parts.map(\.shape), parts.map(\.isTracked))
        let starts = shapes.indices.map { shapes[..<$0].reduce(0) { $0 + $1[axis] } * strides[axis] }
        let output = Buffer(uninitialized: shape.count)
        for (part, start) in zip(parts, starts) {
            let axes = zip(part.shape.array, zip(part.shape.strides, strides))
                .map { StridedKernel.Axis(size: $0, source: $1.0, target: $1.1) }
            StridedKernel.copy(part.buffer, to: output, at: start, axes: axes)
        }
        return .recorded("concatenate", shape: shape, buffer: output, inputs: parts) { gradient in
            shapes.indices.map { index in
                tracked[index] ? copy(gradient, from: starts[index], strides: strides, to: shapes[index]) : nil
            }
        }
    }

    /// The same values repeated along axes of size 1, and along new outer axes, as a copy: NumPy's broadcasting.
    ///
    /// Shape: (S1, ...) -> (..., T1, ...), where each S is 1 or T
    ///
    ///     let x = Tensor([1, 2], shape: [2, 1])
    ///     print(x.broadcasted(to: [2, 3]))  // (2, 3) [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    ///
    /// - Parameter shape: The new sizes.
    /// - Returns: The repeated values; the gradient is summed over the repetitions.
    /// - Precondition: Aligned at the innermost axis, each size is 1 or that of the new shape.
    public func broadcasted(to shape: Shape) -> Tensor {
        precondition(shape.broadcast(with: self.shape) == shape, "\(self.shape) cannot be broadcast to \(shape)")
        guard self.shape != shape else { return self }
        let old = self.shape.padded(to: shape.rank)
        let strides = zip(old.array, old.strides).map { $0 == 1 ? 0 : $1 }
        return .recorded(
            "broadcast", shape: shape, buffer: Self.copy(buffer, strides: strides, to: shape), inputs: [self]
        ) { gradient in
            var (sum, current) = (gradient, shape)
            for axis in 0..<shape.rank where old[axis] == 1 && shape[axis] != 1 {
                (sum, current) = (Self.reduced(.sum, sum, current, axis), current.replacing(axis, with: 1))
            }
            return [sum]
        }
    }

    /// A copy of elements at strides, in the order of a shape.
    static func copy(_ source: Buffer, from start: Int = 0, strides: [Int], to shape: Shape) -> Buffer {
        let target = Buffer(uninitialized: shape.count)
        let axes = zip(shape.array, zip(strides, shape.strides))
            .map { StridedKernel.Axis(size: $0, source: $1.0, target: $1.1) }
        StridedKernel.copy(source, from: start, to: target, axes: axes)
        return target
    }
}
