import CPUSupport
import Foundation

/// Arithmetic on each element: functions of one operand, and of two with the smaller one repeated (broadcasting).
package enum ElementwiseKernel {
    /// An operation on one number, with the derivative that its gradient needs.
    package enum Unary: Sendable {
        case negate, exp, log, tanh, sigmoid, relu
        /// x to a constant power.
        case power(Float)
        /// x times a constant.
        case scale(Float)
    }

    /// An operation on two numbers.
    package enum Binary: Sendable { case add, subtract, multiply, divide }

    /// Computes `output = operation(input)`.
    package static func apply(_ operation: Unary, _ input: Buffer, output: Buffer) {
        require(output.count == input.count, "\(input.count) elements do not go into \(output.count)")
        let (source, target) = (input.pointer, output.pointer)
        forEachRange(input.count) { start, count in
            let (x, y) = (source + start, target + start)
            switch operation {
            case .negate: map(x, count, y) { Vector() - $0 }
            case .exp: map(x, count, y) { exponential($0) }
            case .log: mapLanes(x, count, y) { Foundation.log($0) }
            case .tanh: map(x, count, y) { hyperbolicTangent($0) }
            case .sigmoid: map(x, count, y) { sigmoid($0) }
            case .relu: map(x, count, y) { $0.replacing(with: Vector(), where: $0 .< Vector()) }
            case .power(let exponent): mapLanes(x, count, y) { Foundation.pow($0, exponent) }
            case .scale(let factor): map(x, count, y) { $0 * Vector(repeating: factor) }
            }
        }
    }

    /// Computes the gradient of the input from that of the output.
    package static func gradient(
        of operation: Unary, input: Buffer, output: Buffer, outputGradient: Buffer, inputGradient: Buffer
    ) {
        require(
            [output, outputGradient, inputGradient].allSatisfy { $0.count == input.count },
            "a gradient of \(input.count) elements with other numbers of them")
        let (source, result) = (input.pointer, output.pointer)
        let (incoming, outgoing) = (outputGradient.pointer, inputGradient.pointer)
        let one = Vector(repeating: 1)
        forEachRange(input.count) { start, count in
            let (x, y, dy, dx) = (source + start, result + start, incoming + start, outgoing + start)
            switch operation {
            case .negate: map(dy, count, dx) { Vector() - $0 }
            case .exp: combine(dy, y, count, dx) { $0 * $1 }
            case .log: combine(dy, x, count, dx) { $0 / $1 }
            case .tanh: combine(dy, y, count, dx) { $0 * (one - $1 * $1) }
            case .sigmoid: combine(dy, y, count, dx) { $0 * ($1 * (one - $1)) }
            case .relu: combine(dy, x, count, dx) { $0.replacing(with: Vector(), where: $1 .<= Vector()) }
            case .power(let exponent):
                mapLanes(x, count, dx) { exponent * Foundation.pow($0, exponent - 1) }
                combine(dy, dx, count, dx) { $0 * $1 }
            case .scale(let factor): map(dy, count, dx) { $0 * Vector(repeating: factor) }
            }
        }
    }

    /// Computes `output = left operation right`.
    ///
    /// An operand with fewer elements than the output is repeated: a bias for every row, a scalar for everything.
    package static func apply(_ operation: Binary, _ left: Buffer, _ right: Buffer, output: Buffer) {
        let shorter = min(left.count, right.count)
        require(
            max(left.count, right.count) == output.count
                && (shorter == output.count || shorter > 0 && output.count % shorter == 0),
            "\(left.count) and \(right.count) elements do not combine into \(output.count)")
        let (a, b, target) = (left.pointer, right.pointer, output.pointer)
        let isLeftWhole = left.count == output.count
        if shorter == output.count {
            forEachRange(output.count) { start, count in
                combine(operation, a + start, b + start, count, target + start)
            }
        } else if shorter == 1 {
            let scalar = Vector(repeating: isLeftWhole ? b[0] : a[0])
            forEachRange(output.count) { start, count in
                map((isLeftWhole ? a : b) + start, count, target + start) {
                    isLeftWhole ? value(operation, $0, scalar) : value(operation, scalar, $0)
                }
            }
        } else {
            Parallel.forEachRange(output.count / shorter, grain: max(1, rangeSize / shorter)) { rows in
                for row in rows {
                    let start = row * shorter
                    combine(
                        operation, isLeftWhole ? a + start : a, isLeftWhole ? b : b + start, shorter, target + start)
                }
            }
        }
    }

    /// Computes `output = mask == 0 ? input : value`. A mask with fewer elements than the input is repeated.
    package static func mask(_ input: Buffer, where mask: Buffer, with value: Float, output: Buffer) {
        let period = mask.count
        require(
            output.count == input.count && (period == 0 ? input.count == 0 : input.count % period == 0),
            "a mask of \(period) elements for \(input.count) into \(output.count)")
        guard period > 0 else { return }
        let (source, condition, target) = (input.pointer, mask.pointer, output.pointer)
        let fill = Vector(repeating: value)
        Parallel.forEachRange(input.count / period, grain: max(1, rangeSize / period)) { rows in
            for row in rows {
                combine(source + row * period, condition, period, target + row * period) {
                    $0.replacing(with: fill, where: $1 .!= Vector())
                }
            }
        }
    }

    private static var rangeSize: Int { 1 << 14 }

    private static func forEachRange(_ count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
        Parallel.forEachRange(count, grain: rangeSize) { body($0.lowerBound, $0.count) }
    }

    private static func combine(
        _ operation: Binary, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int,
        _ target: UnsafeMutablePointer<Float>
    ) {
        combine(a, b, count, target) { value(operation, $0, $1) }
    }

    @inline(__always)
    private static func value(_ operation: Binary, _ a: Vector, _ b: Vector) -> Vector {
        switch operation {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        }
    }

    // These take a closure for each register and are called in a thread's own range: passed to the threads, the closure would
    // not be inlined, and a call for each register costs more than the arithmetic.

    @inline(__always)
    private static func map(
        _ x: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>, _ operation: (Vector) -> Vector
    ) {
        forEachVector(count) { index, lanes in
            operation(Vector(at: x + index, lanes: lanes)).store(to: target + index, lanes: lanes)
        }
    }

    /// For functions of the system's mathematics library, which take one float at a time.
    @inline(__always)
    private static func mapLanes(
        _ x: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>, _ operation: (Float) -> Float
    ) {
        for index in 0..<count { target[index] = operation(x[index]) }
    }

    @inline(__always)
    private static func combine(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>,
        _ operation: (Vector, Vector) -> Vector
    ) {
        forEachVector(count) { index, lanes in
            operation(Vector(at: a + index, lanes: lanes), Vector(at: b + index, lanes: lanes))
                .store(to: target + index, lanes: lanes)
        }
    }
}
