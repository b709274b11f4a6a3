import CPUSupport
import Foundation

/// The softmax over the last axis.
package enum SoftmaxKernel {
    /// Computes `output = exp(input) / sum(exp(input))` row by row.
    ///
    /// Shape: (rows, classes) -> (rows, classes)
    package static func forward(_ input: Buffer, classes: Int, output: Buffer) {
        require(
            classes > 0 && input.count % classes == 0 && output.count == input.count,
            "softmax of \(input.count) elements in rows of \(classes) into \(output.count)")
        let (source, target) = (input.pointer, output.pointer)
        Parallel.forEachRange(input.count / classes, grain: 64) { rows in
            for row in rows {
                let (x, y) = (source + row * classes, target + row * classes)
                let shift = Vector(repeating: logSumOfExponentials(x, classes))
                forEachVector(classes) { index, lanes in
                    exponentialOrZero(Vector(at: x + index, lanes: lanes) - shift).store(to: y + index, lanes: lanes)
                }
            }
        }
    }

    /// Computes the gradient of the input: `y (dy - sum(y dy))`.
    package static func backward(output: Buffer, classes: Int, outputGradient: Buffer, inputGradient: Buffer) {
        require(
            classes > 0 && output.count % classes == 0 && outputGradient.count == output.count
                && inputGradient.count == output.count,
            "softmax of \(output.count) elements in rows of \(classes) with \(outputGradient.count) gradients")
        let (result, incoming, outgoing) = (output.pointer, outputGradient.pointer, inputGradient.pointer)
        Parallel.forEachRange(output.count / classes, grain: 64) { rows in
            for row in rows {
                let (y, dy, dx) = (result + row * classes, incoming + row * classes, outgoing + row * classes)
                var products = Vector()
                forEachVector(classes) { index, lanes in
                    products = products.adding(
                        product: Vector(at: y + index, lanes: lanes), Vector(at: dy + index, lanes: lanes))
                }
                let mean = Vector(repeating: products.total)
                forEachVector(classes) { index, lanes in
                    (Vector(at: y + index, lanes: lanes) * (Vector(at: dy + index, lanes: lanes) - mean))
                        .store(to: dx + index, lanes: lanes)
                }
            }
        }
    }

    /// log(sum(exp(x))), with the largest element taken out first so that nothing overflows.
    @inline(__always)
    static func logSumOfExponentials(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
        var maxima = Vector(repeating: -.infinity)
        forEachVector(count) { index, lanes in
            maxima = maxima.maximum(Vector(at: x + index, lanes: lanes, padding: -.infinity))
        }
        let shift = maxima.largest
        var sums = Vector()
        forEachVector(count) { index, lanes in
            sums += exponentialOrZero(
                Vector(at: x + index, lanes: lanes, padding: -.infinity) - Vector(repeating: shift))
        }
        return shift + log(sums.total)
    }
}
