import CPUSupport

/// Sums and maxima along one axis of an array of shape (outer, size, inner).
///
/// Elements are combined in an order that does not depend on the number of threads, which share the results.
package enum AxisKernel {
    /// How the elements along the axis become one.
    package enum Reduction: Sendable {
        case sum
        /// The largest; NaN if one of them is NaN.
        case maximum
    }

    /// Reduces an axis.
    ///
    /// Shape: (outer, size, inner) -> (outer, inner). A sum of no elements is 0, a maximum of none -infinity.
    package static func reduce(_ reduction: Reduction, _ input: Buffer, size: Int, inner: Int, output: Buffer) {
        requireShapes(input, size: size, inner: inner, output)
        guard output.count > 0 else { return }
        let (source, target) = (input.pointer, output.pointer)
        withExtendedLifetime((input, output)) {
            if inner == 1 {
                Parallel.forEachRange(output.count, grain: grain(size)) { rows in
                    for row in rows {
                        let x = source + row * size
                        target[row] = reduction == .sum ? sum(x, size) : maximum(x, size)
                    }
                }
            } else {
                let width = 8 * vectorWidth
                let blocks = (inner + width - 1) / width
                Parallel.forEachRange(output.count / inner * blocks, grain: grain(size * min(inner, width))) { range in
                    for index in range {
                        let (row, block) = index.quotientAndRemainder(dividingBy: blocks)
                        let columns = block * width..<min(inner, (block + 1) * width)
                        reduceColumns(
                            reduction, source + row * size * inner + columns.lowerBound, size: size, stride: inner,
                            columns.count, target + row * inner + columns.lowerBound)
                    }
                }
            }
        }
    }

    /// Computes the gradient of the input of a maximum: that of the output at the first of the largest elements, 0 elsewhere.
    package static func maximumGradient(
        _ input: Buffer, size: Int, inner: Int, output: Buffer, outputGradient: Buffer, inputGradient: Buffer
    ) {
        requireShapes(input, size: size, inner: inner, output)
        require(
            outputGradient.count == output.count && inputGradient.count == input.count,
            "maxima of \(input.count) elements with \(outputGradient.count) gradients into \(inputGradient.count)")
        guard output.count > 0 else { return }
        let (source, result) = (input.pointer, output.pointer)
        let (incoming, outgoing) = (outputGradient.pointer, inputGradient.pointer)
        Parallel.forEachRange(output.count / inner, grain: grain(size * inner)) { rows in
            for row in rows {
                let (x, dx) = (source + row * size * inner, outgoing + row * size * inner)
                dx.update(repeating: 0, count: size * inner)
                for column in 0..<inner {
                    let largest = result[row * inner + column]
                    var place = column
                    while place < size * inner && x[place] != largest { place += inner }
                    if place < size * inner { dx[place] = incoming[row * inner + column] }
                }
            }
        }
    }

    private static func requireShapes(_ input: Buffer, size: Int, inner: Int, _ output: Buffer) {
        require(
            size >= 0 && inner >= 0 && output.count * size == input.count && (inner == 0 || output.count % inner == 0),
            "\(input.count) elements along an axis of \(size) with \(inner) inside do not become \(output.count)")
    }

    /// Some thousand elements together.
    private static func grain(_ elements: Int) -> Int { max(1, (1 << 14) / max(1, elements)) }

    /// Elements that are summed in 32 bits before the sums of all such groups are added in 64, as in ``ReductionKernel``.
    private static let groupSize = 1 << 13

    private static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
        var total = 0.0
        forEachStep(0..<count, by: groupSize) { start in
            total += Double(sumVectors(x + start, min(groupSize, count - start)) { $0 })
        }
        return Float(total)
    }

    private static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
        var maxima = Vector(repeating: -.infinity)
        forEachVector(count) { offset, lanes in
            maxima = larger(maxima, Vector(at: x + offset, lanes: lanes, padding: -.infinity))
        }
        var largest = maxima[0]
        for lane in 1..<vectorWidth where maxima[lane] > largest || maxima[lane].isNaN { largest = maxima[lane] }
        return largest
    }

    /// The larger of two floats in every lane, NaN if one of them is NaN.
    @inline(__always)
    private static func larger(_ a: Vector, _ b: Vector) -> Vector {
        a.replacing(with: b, where: (b .> a) .| (b .!= b))
    }

    private static func reduceColumns(
        _ reduction: Reduction, _ x: UnsafePointer<Float>, size: Int, stride: Int, _ count: Int,
        _ output: UnsafeMutablePointer<Float>
    ) {
        forEachVector(count) { offset, lanes in
            var total = Vector(repeating: reduction == .sum ? 0 : -.infinity)
            for row in 0..<size {
                let element = Vector(at: x + row * stride + offset, lanes: lanes)
                total = reduction == .sum ? total + element : larger(total, element)
            }
            total.store(to: output + offset, lanes: lanes)
        }
    }
}
