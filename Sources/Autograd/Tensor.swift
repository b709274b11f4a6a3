import Kernels

/// Numbers with a shape, and the memory of where they came from.
///
/// Operations make new tensors. Those made from a ``parameter(_:shape:)`` remember the operation, so that
/// ``gradients()`` of a result can walk back and tell how it depends on every parameter.
///
///     let a = Tensor.parameter(-4)
///     let b = Tensor.parameter(2)
///     let loss = (a * b + b.power(3)).relu()
///     let gradients = loss.gradients()
///     print(gradients[a].scalar, gradients[b].scalar)
///
/// The numbers are stored row after row in 32-bit floats. Letters in shapes: B texts in a batch, T characters in a text
/// (time), C channels, H heads, D channels of a head, V characters in the vocabulary.
public struct Tensor {
    /// The sizes along the axes.
    public let shape: Shape
    /// The numbers.
    package let buffer: Buffer
    /// The operation this came from; nil for constants, and for whatever was made of constants alone.
    let node: Node?
    /// How to make the numbers again, where that is cheaper than to keep them until the backward pass.
    let recipe: (() -> Buffer)?

    init(shape: Shape, buffer: Buffer, node: Node? = nil, recipe: (() -> Buffer)? = nil) {
        precondition(buffer.count == shape.count, "\(buffer.count) numbers do not have the shape \(shape)")
        self.shape = shape
        self.buffer = buffer
        self.node = node
        self.recipe = recipe
    }

    /// A constant.
    ///
    /// - Parameters:
    ///   - values: The numbers, row after row.
    ///   - shape: The sizes, whose product is the count of the numbers.
    public init(_ values: [Float], shape: Shape) {
        self.init(shape: shape, buffer: Buffer(values))
    }

    /// A constant in which every number is the same.
    public init(repeating value: Float, shape: Shape) {
        self.init(shape: shape, buffer: Buffer(repeating: value, count: shape.count))
    }

    /// A number to be learned: gradients are taken with respect to it.
    public static func parameter(_ values: [Float], shape: Shape) -> Tensor {
        Tensor(shape: shape, buffer: Buffer(values), node: Node(operation: "parameter", shape: shape))
    }

    /// A single number to be learned.
    public static func parameter(_ value: Float) -> Tensor { parameter([value], shape: []) }

    /// The same numbers as a constant: what is made of it remembers nothing and has no gradient.
    ///
    /// The memory is shared, so that a constant view of a parameter follows what the optimiser does to it.
    public var constant: Tensor { Tensor(shape: shape, buffer: buffer) }

    /// Whether gradients flow through this tensor.
    public var isTracked: Bool { node != nil }

    /// The numbers, row after row.
    public var values: [Float] { buffer.array }

    /// The number of a tensor that has only one.
    public var scalar: Float {
        precondition(shape.count == 1, "a tensor of shape \(shape) is not a scalar")
        return buffer[0]
    }

    /// The sizes of a tensor with two axes.
    public var shape2: (Int, Int) {
        precondition(shape.rank == 2, "expected a tensor with 2 axes, got \(shape)")
        return (shape[0], shape[1])
    }

    /// The sizes of a tensor with three axes.
    public var shape3: (Int, Int, Int) {
        precondition(shape.rank == 3, "expected a tensor with 3 axes, got \(shape)")
        return (shape[0], shape[1], shape[2])
    }

    /// The same numbers in another shape.
    public func reshaped(_ newShape: Shape) -> Tensor {
        precondition(newShape.count == shape.count, "\(shape) cannot be reshaped to \(newShape)")
        return Tensor.recorded("reshape", shape: newShape, buffer: buffer, inputs: [self], recipe: recipe) { [$0] }
    }
}

extension Tensor: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// A constant scalar.
    public init(floatLiteral value: Float) { self.init([value], shape: []) }

    /// A constant scalar.
    public init(integerLiteral value: Int) { self.init([Float(value)], shape: []) }
}
