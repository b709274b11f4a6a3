import Kernels

// Operands of different shapes are broadcast as in NumPy: their innermost axes are aligned, and an axis of size 1, or one that
// is missing, is repeated.

extension Tensor {
    /// The sum, element by element.
    ///
    /// Shape: (..., S), (..., S) -> (..., S), where each size of one is that of the other, 1 or missing
    ///
    ///     let column = Tensor([1, 2], shape: [2, 1])
    ///     print(column + Tensor([10, 20, 30], shape: [3]))  // (2, 3) [[11.0, 21.0, 31.0], [12.0, 22.0, 32.0]]
    ///
    /// - Precondition: The shapes can be broadcast.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = aligned("+", a, b)
        return combine("+", .add, a, b, { $0 }, { $0 })
    }

    /// The difference, element by element.
    ///
    /// Shape: (..., S), (..., S) -> (..., S), where each size of one is that of the other, 1 or missing
    ///
    /// - Precondition: The shapes can be broadcast.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = aligned("-", a, b)
        return combine("-", .subtract, a, b, { $0 }, { unary(.negate, $0) })
    }

    /// The product, element by element.
    ///
    /// Shape: (..., S), (..., S) -> (..., S), where each size of one is that of the other, 1 or missing
    ///
    /// - Precondition: The shapes can be broadcast.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = aligned("*", a, b)
        let (x, y) = (a.savedForBackward, b.savedForBackward)
        return combine("*", .multiply, a, b, { binary(.multiply, $0, y()) }, { binary(.multiply, $0, x()) })
    }

    /// The quotient, element by element. Division by 0 is infinite or NaN.
    ///
    /// Shape: (..., S), (..., S) -> (..., S), where each size of one is that of the other, 1 or missing
    ///
    /// - Precondition: The shapes can be broadcast.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        let (a, b) = aligned("/", a, b)
        let (x, y) = (a.savedForBackward, b.savedForBackward)
        return combine("/", .divide, a, b, { binary(.divide, $0, y()) }) { gradient in
            let byA = binary(.divide, gradient, y())
            return unary(.negate, binary(.divide, binary(.multiply, byA, x()), y()))
        }
    }

    /// The negative of every element.
    public static prefix func - (x: Tensor) -> Tensor { x.map("negate", .negate) }

    /// The operands themselves if one shape is the innermost part of the other, which the kernels repeat; otherwise both in the
    /// shape that they are broadcast to.
    private static func aligned(_ name: String, _ a: Tensor, _ b: Tensor) -> (Tensor, Tensor) {
        if a.shape.ends(with: b.shape) || b.shape.ends(with: a.shape) { return (a, b) }
        guard let shape = a.shape.broadcast(with: b.shape) else {
            preconditionFailure("\(a.shape) \(name) \(b.shape): the shapes differ where neither size is 1")
        }
        return (a.broadcasted(to: shape), b.broadcasted(to: shape))
    }

    /// The result of an operation on two tensors.
    ///
    /// `gradientA` and `gradientB` give the gradients of the operands in the shape of the result; that of an operand that was
    /// repeated is summed over its repetitions here.
    private static func combine(
        _ name: String, _ operation: ElementwiseKernel.Binary, _ a: Tensor, _ b: Tensor,
        _ gradientA: @escaping (Buffer) -> Buffer, _ gradientB: @escaping (Buffer) -> Buffer
    ) -> Tensor {
        let shape = a.shape.rank >= b.shape.rank ? a.shape : b.shape
        let output = Buffer(uninitialized: shape.count)
        ElementwiseKernel.apply(operation, a.buffer, b.buffer, output: output)
        let (countA, countB) = (a.shape.count, b.shape.count)
        let (trackedA, trackedB) = (a.isTracked, b.isTracked)
        return recorded(name, shape: shape, buffer: output, inputs: [a, b]) { gradient in
            [
                trackedA ? sumRepetitions(gradientA(gradient), to: countA) : nil,
                trackedB ? sumRepetitions(gradientB(gradient), to: countB) : nil,
            ]
        }
    }

    /// Sums a gradient over the rows for which an operand of `count` elements was repeated.
    static func sumRepetitions(_ gradient: Buffer, to count: Int) -> Buffer {
        guard gradient.count != count else { return gradient }
        guard count > 1 else { return Buffer([ReductionKernel.sum(gradient)]) }
        let sums = Buffer(uninitialized: count)
        ReductionKernel.sumRows(gradient, into: sums)
        return sums
    }

    private static func binary(_ operation: ElementwiseKernel.Binary, _ a: Buffer, _ b: Buffer) -> Buffer {
        let output = Buffer(uninitialized: Swift.max(a.count, b.count))
        ElementwiseKernel.apply(operation, a, b, output: output)
        return output
    }

    private static func unary(_ operation: ElementwiseKernel.Unary, _ a: Buffer) -> Buffer {
        let output = Buffer(uninitialized: a.count)
        ElementwiseKernel.apply(operation, a, output: output)
        return output
    }
}

// A literal is a tensor before it is a float: `2 * x` would be ambiguous if these were not disfavored.

extension Tensor {
    /// The sum of every element and a number.
    @_disfavoredOverload
    public static func + (a: Tensor, b: Float) -> Tensor { a + Tensor(floatLiteral: b) }

    /// The sum of a number and every element.
    @_disfavoredOverload
    public static func + (a: Float, b: Tensor) -> Tensor { Tensor(floatLiteral: a) + b }

    /// Every element minus a number.
    @_disfavoredOverload
    public static func - (a: Tensor, b: Float) -> Tensor { a - Tensor(floatLiteral: b) }

    /// A number minus every element.
    @_disfavoredOverload
    public static func - (a: Float, b: Tensor) -> Tensor { Tensor(floatLiteral: a) - b }

    /// Every element times a number, as ``scaled(by:)``.
    ///
    ///     let rate: Float = 0.1
    ///     print(Tensor([1, 2], shape: [2]) * rate)  // (2) [0.1, 0.2]
    @_disfavoredOverload
    public static func * (a: Tensor, b: Float) -> Tensor { a.scaled(by: b) }

    /// A number times every element, as ``scaled(by:)``.
    @_disfavoredOverload
    public static func * (a: Float, b: Tensor) -> Tensor { b.scaled(by: a) }

    /// Every element divided by a number.
    @_disfavoredOverload
    public static func / (a: Tensor, b: Float) -> Tensor { a / Tensor(floatLiteral: b) }

    /// A number divided by every element.
    @_disfavoredOverload
    public static func / (a: Float, b: Tensor) -> Tensor { Tensor(floatLiteral: a) / b }
}
