import Kernels

extension Tensor {
    /// The sum, element by element.
    ///
    /// Shape: (..., S) and (S), or (S) and (..., S) -> (..., S); the smaller operand is repeated along the outer axes.
    ///
    /// - Precondition: The shape of one operand is the innermost part of the other's.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        combine("+", .add, a, b) { gradient in (gradient, gradient) }
    }

    /// The difference, element by element.
    ///
    /// Shape: (..., S) and (S), or (S) and (..., S) -> (..., S); the smaller operand is repeated along the outer axes.
    ///
    /// - Precondition: The shape of one operand is the innermost part of the other's.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        combine("-", .subtract, a, b) { gradient in (gradient, unary(.negate, gradient)) }
    }

    /// The product, element by element.
    ///
    /// Shape: (..., S) and (S), or (S) and (..., S) -> (..., S); the smaller operand is repeated along the outer axes.
    ///
    /// - Precondition: The shape of one operand is the innermost part of the other's.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        let (x, y) = (a.savedForBackward, b.savedForBackward)
        return combine("*", .multiply, a, b) { gradient in
            (binary(.multiply, gradient, y()), binary(.multiply, gradient, x()))
        }
    }

    /// The quotient, element by element. Division by 0 is infinite or NaN.
    ///
    /// Shape: (..., S) and (S), or (S) and (..., S) -> (..., S); the smaller operand is repeated along the outer axes.
    ///
    /// - Precondition: The shape of one operand is the innermost part of the other's.
    public static func / (a: Tensor, b: Tensor) -> Tensor {
        let (x, y) = (a.savedForBackward, b.savedForBackward)
        return combine("/", .divide, a, b) { gradient in
            let byA = binary(.divide, gradient, y())
            return (byA, unary(.negate, binary(.divide, binary(.multiply, byA, x()), y())))
        }
    }

    /// The negative of every element.
    public static prefix func - (x: Tensor) -> Tensor { x.map("negate", .negate) }

    /// The result of an operation on two tensors.
    ///
    /// `gradients` gives the gradients of both operands in the shape of the result; that of an operand that was repeated
    /// is summed over its repetitions here.
    private static func combine(
        _ name: String, _ operation: ElementwiseKernel.Binary, _ a: Tensor, _ b: Tensor,
        gradients: @escaping (Buffer) -> (Buffer, Buffer)
    ) -> Tensor {
        precondition(
            a.shape.ends(with: b.shape) || b.shape.ends(with: a.shape),
            "\(a.shape) \(name) \(b.shape): neither shape is the innermost part of the other")
        let shape = a.shape.rank >= b.shape.rank ? a.shape : b.shape
        let output = Buffer(uninitialized: shape.count)
        ElementwiseKernel.apply(operation, a.buffer, b.buffer, output: output)
        let (countA, countB) = (a.shape.count, b.shape.count)
        let (trackedA, trackedB) = (a.isTracked, b.isTracked)
        return recorded(name, shape: shape, buffer: output, inputs: [a, b]) { gradient in
            let (ofA, ofB) = gradients(gradient)
            return [trackedA ? sumRepetitions(ofA, to: countA) : nil, trackedB ? sumRepetitions(ofB, to: countB) : nil]
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
        let output = Buffer(uninitialized: max(a.count, b.count))
        ElementwiseKernel.apply(operation, a, b, output: output)
        return output
    }

    private static func unary(_ operation: ElementwiseKernel.Unary, _ a: Buffer) -> Buffer {
        let output = Buffer(uninitialized: a.count)
        ElementwiseKernel.apply(operation, a, output: output)
        return output
    }
}
