import CPUSupport
import Foundation

/// Arithmetic on each element by itself: the operations of a pocket calculator.
package enum ElementwiseKernel {
    /// An operation on one number, with the derivative that its gradient needs.
    package enum Unary: Sendable {
        case negate, exp, log, tanh, relu
        /// x to a constant power.
        case power(Float)
        /// x times a constant.
        case scale(Float)
    }

    /// An operation on two numbers.
    package enum Binary: Sendable { case add, subtract, multiply, divide }

    private static var rangeSize: Int { 1 << 14 }

    /// Computes `output = operation(input)`.
    package static func apply(_ operation: Unary, _ input: Buffer, output: Buffer) {
        switch operation {
        case .negate: map(input, output) { Vector() - $0 }
        case .exp: map(input, output, exponential)
        case .log: mapLanes(input, output) { Foundation.log($0) }
        case .tanh: map(input, output, hyperbolicTangent)
        case .relu: map(input, output) { $0.replacing(with: Vector(), where: $0 .< Vector()) }
        case .power(let exponent): mapLanes(input, output) { Foundation.pow($0, exponent) }
        case .scale(let factor): map(input, output) { $0 * Vector(repeating: factor) }
        }
    }

    /// Computes the gradient of the input from that of the output.
    package static func gradient(
        of operation: Unary, input: Buffer, output: Buffer, outputGradient: Buffer, inputGradient: Buffer
    ) {
        let one = Vector(repeating: 1)
        switch operation {
        case .negate: map(outputGradient, inputGradient) { Vector() - $0 }
        case .exp: combine(outputGradient, output, inputGradient) { $0 * $1 }
        case .log: combine(outputGradient, input, inputGradient) { $0 / $1 }
        case .tanh: combine(outputGradient, output, inputGradient) { $0 * (one - $1 * $1) }
        case .relu:
            combine(outputGradient, input, inputGradient) { $0.replacing(with: Vector(), where: $1 .<= Vector()) }
        case .power(let exponent):
            mapLanes(input, inputGradient) { exponent * Foundation.pow($0, exponent - 1) }
            combine(outputGradient, inputGradient, inputGradient) { $0 * $1 }
        case .scale(let factor): map(outputGradient, inputGradient) { $0 * Vector(repeating: factor) }
        }
    }

    /// Computes `output = left operation right`.
    ///
    /// An operand with fewer elements than the output is repeated: a bias for every row, a scalar for everything.
    package static func apply(_ operation: Binary, _ left: Buffer, _ right: Buffer, output: Buffer) {
        let count = output.count
        guard left.count == count && right.count == count else {
            return repeating(operation, left, right, output)
        }
        switch operation {
        case .add: combine(left, right, output) { $0 + $1 }
        case .subtract: combine(left, right, output) { $0 - $1 }
        case .multiply: combine(left, right, output) { $0 * $1 }
        case .divide: combine(left, right, output) { $0 / $1 }
        }
    }

    private static func repeating(_ operation: Binary, _ left: Buffer, _ right: Buffer, _ output: Buffer) {
        let shorter = min(left.count, right.count)
        require(
            max(left.count, right.count) == output.count && shorter > 0 && output.count % shorter == 0,
            "\(left.count) and \(right.count) elements do not combine into \(output.count)")
        switch operation {
        case .add: combineRows(left, right, output) { $0 + $1 }
        case .subtract: combineRows(left, right, output) { $0 - $1 }
        case .multiply: combineRows(left, right, output) { $0 * $1 }
        case .divide: combineRows(left, right, output) { $0 / $1 }
        }
    }

    /// Combines the longer operand, row after row, with the shorter one, which is a row, or with a scalar.
    @inline(__always)
    private static func combineRows(
        _ left: Buffer, _ right: Buffer, _ output: Buffer, _ operation: (Vector, Vector) -> Vector
    ) {
        let (a, b, target) = (left.pointer, right.pointer, output.pointer)
        let isLeftWhole = left.count == output.count
        let shorter = min(left.count, right.count)
        if shorter == 1 {
            let scalar = Vector(repeating: isLeftWhole ? b[0] : a[0])
            return map(isLeftWhole ? left : right, output) {
                isLeftWhole ? operation($0, scalar) : operation(scalar, $0)
            }
        }
        Parallel.forEachRange(output.count / shorter, size: max(1, rangeSize / shorter)) { rows in
            for row in rows {
                let start = row * shorter
                let (x, y) = (isLeftWhole ? a + start : a, isLeftWhole ? b : b + start)
                forEachVector(shorter) { column, lanes in
                    operation(Vector(at: x + column, lanes: lanes), Vector(at: y + column, lanes: lanes))
                        .store(to: target + start + column, lanes: lanes)
                }
            }
        }
    }

    @inline(__always)
    private static func map(_ input: Buffer, _ output: Buffer, _ operation: (Vector) -> Vector) {
        let (source, target) = (input.pointer, output.pointer)
        Parallel.forEachRange(input.count, size: rangeSize) { range in
            forEachVector(range.count) { offset, lanes in
                let index = range.lowerBound + offset
                operation(Vector(at: source + index, lanes: lanes)).store(to: target + index, lanes: lanes)
            }
        }
    }

    /// For operations that the system's mathematics library knows best.
    @inline(__always)
    private static func mapLanes(_ input: Buffer, _ output: Buffer, _ operation: (Float) -> Float) {
        let (source, target) = (input.pointer, output.pointer)
        Parallel.forEachRange(input.count, size: rangeSize) { range in
            for index in range { target[index] = operation(source[index]) }
        }
    }

    @inline(__always)
    private static func combine(
        _ left: Buffer, _ right: Buffer, _ output: Buffer, _ operation: (Vector, Vector) -> Vector
    ) {
        require(left.count == right.count, "\(left.count) elements do not pair with \(right.count)")
        let (a, b, target) = (left.pointer, right.pointer, output.pointer)
        Parallel.forEachRange(left.count, size: rangeSize) { range in
            forEachVector(range.count) { offset, lanes in
                let index = range.lowerBound + offset
                operation(Vector(at: a + index, lanes: lanes), Vector(at: b + index, lanes: lanes))
                    .store(to: target + index, lanes: lanes)
            }
        }
    }
}
