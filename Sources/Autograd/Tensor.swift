import Kernels

/// An array of 32-bit floats with a shape, and the graph of operations it was computed by.
///
/// Operations make new tensors. Those computed from a ``parameter(_:shape:)`` record the operation, so that ``gradients(keeping:keepingAll:)``
/// of a scalar can walk the graph backwards (reverse-mode automatic differentiation).
///
///     let a = Tensor.parameter(-4)
///     let b = Tensor.parameter(2)
///     let loss = (a * b + b.power(3)).tanh() + a * a
///     let gradients = loss.gradients()
///     print(gradients[a].scalar, gradients[b].scalar)  // -6.0 8.0
///
/// Values are stored row after row. Letters in shapes: B texts in a batch, T positions in a text (time), C the width (channels
/// of a position), H attention heads, D = C / H the head width, F the feed-forward layer's hidden width, V tokens in the
/// vocabulary.
public struct Tensor {
    /// The sizes along the axes, outermost first.
    public let shape: Shape
    /// The values.
    package let buffer: Buffer
    /// The operation that computed this; nil for constants, and for results of constants alone.
    let node: Node?
    /// Computes the values again, where that is cheaper than saving them for the backward pass (activation checkpointing).
    let recompute: (() -> Buffer)?

    init(shape: Shape, buffer: Buffer, node: Node? = nil, recompute: (() -> Buffer)? = nil) {
        precondition(buffer.count == shape.count, "\(buffer.count) numbers do not have the shape \(shape)")
        self.shape = shape
        self.buffer = buffer
        self.node = node
        self.recompute = recompute
    }

    /// A constant.
    ///
    /// - Parameters:
    ///   - values: The values, row after row.
    ///   - shape: The sizes along the axes.
    /// - Precondition: `values.count` is the product of the sizes.
    public init(_ values: [Float], shape: Shape) {
        self.init(shape: shape, buffer: Buffer(values))
    }

    /// A constant in which every element is the same.
    public init(repeating value: Float, shape: Shape) {
        self.init(shape: shape, buffer: Buffer(repeating: value, count: shape.count))
    }

    /// A parameter: a tensor with respect to which ``gradients(keeping:keepingAll:)`` differentiates and that an optimizer updates.
    ///
    /// - Parameters:
    ///   - values: The initial values, row after row.
    ///   - shape: The sizes along the axes.
    /// - Returns: The parameter.
    /// - Precondition: `values.count` is the product of the sizes.
    public static func parameter(_ values: [Float], shape: Shape) -> Tensor {
        let buffer = Buffer(values)
        return Tensor(
            shape: shape, buffer: buffer, node: Node(operation: "parameter", result: buffer, shape: shape))
    }

    /// A scalar parameter.
    public static func parameter(_ value: Float) -> Tensor { parameter([value], shape: []) }

    /// The same values as a constant: results computed from it record no graph (PyTorch's `detach`).
    ///
    /// The memory is shared, so a constant view of a parameter follows the optimizer's updates.
    public var constant: Tensor { Tensor(shape: shape, buffer: buffer) }

    /// Whether this is a parameter or was computed from one.
    public var isTracked: Bool { node != nil }

    /// The values, row after row.
    public var values: [Float] { buffer.array }

    /// The only element.
    ///
    /// - Precondition: The tensor has one element.
    public var scalar: Float {
        precondition(shape.count == 1, "a tensor of shape \(shape) is not a scalar")
        return buffer[0]
    }

    /// The sizes along the two axes.
    ///
    /// - Precondition: The tensor has two axes.
    public var shape2: (Int, Int) {
        precondition(shape.rank == 2, "expected a tensor with 2 axes, got \(shape)")
        return (shape[0], shape[1])
    }

    /// The sizes along the three axes.
    ///
    /// - Precondition: The tensor has three axes.
    public var shape3: (Int, Int, Int) {
        precondition(shape.rank == 3, "expected a tensor with 3 axes, got \(shape)")
        return (shape[0], shape[1], shape[2])
    }

    /// The same values in another shape, sharing the memory.
    ///
    /// - Precondition: Both shapes have the same number of elements.
    public func reshaped(_ newShape: Shape) -> Tensor {
        precondition(newShape.count == shape.count, "\(shape) cannot be reshaped to \(newShape)")
        return Tensor.recorded("reshape", shape: newShape, buffer: buffer, inputs: [self], recompute: recompute) {
            [$0]
        }
    }
}

extension Tensor {
    /// A tensor with two axes as the kernels see it.
    package var matrix: Matrix {
        let (rows, columns) = shape2
        return Matrix(buffer, rows: rows, columns: columns)
    }
}

extension Tensor: CustomStringConvertible {
    /// Shape and values: `(2, 3) [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]`. Of an axis longer than 8 the first and last 3.
    public var description: String {
        let values = values
        func text(_ axis: Int, _ start: Int, _ count: Int) -> String {
            guard axis < shape.rank else { return "\(values[start])" }
            let (size, step) = (shape[axis], count / Swift.max(1, shape[axis]))
            let indices = size > 8 ? [0..<3, size - 3..<size] : [0..<size]
            let parts = indices.map { $0.map { text(axis + 1, start + $0 * step, step) }.joined(separator: ", ") }
            return "[" + parts.joined(separator: ", ..., ") + "]"
        }
        return shape.rank == 0 ? "\(values[0])" : "\(shape) " + text(0, 0, values.count)
    }
}

extension Tensor: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// A constant scalar.
    public init(floatLiteral value: Float) { self.init([value], shape: []) }

    /// A constant scalar.
    public init(integerLiteral value: Int) { self.init([Float(value)], shape: []) }
}
