import CPUSupport

/// Root mean square normalization over the channels of each row (Zhang and Sennrich 2019): layer normalization without the
/// mean and the bias.
///
/// As in ``LayerNormKernel`` the backward pass recomputes the statistics.
package enum RMSNormKernel {
    /// Added to the mean square.
    package static let epsilon: Float = 1e-6

    /// Computes `output = input / sqrt(mean square + epsilon) * weight` row by row.
    ///
    /// Shape: (rows, width) -> (rows, width); `weight` (width).
    package static func forward(_ input: Buffer, weight: Buffer, output: Buffer) {
        let width = weight.count
        require(
            width > 0 && input.count % width == 0 && output.count == input.count,
            "RMS norm of \(input.count) elements with \(width) weights into \(output.count)")
        let (source, target, scale) = (input.pointer, output.pointer, weight.pointer)
        Parallel.forEachRange(input.count / width, grain: 32) { rows in
            for row in rows {
                forward(source + row * width, width, weight: scale, output: target + row * width)
            }
        }
    }

    /// The same for one row.
    static func forward(
        _ x: UnsafePointer<Float>, _ width: Int, weight: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        let inverses = Vector(repeating: inverse(x, width))
        forEachVector(width) { channel, lanes in
            (Vector(at: x + channel, lanes: lanes) * inverses * Vector(at: weight + channel, lanes: lanes))
                .store(to: output + channel, lanes: lanes)
        }
    }

    /// Computes the gradients of input and weight from that of the output.
    package static func backward(
        _ input: Buffer, weight: Buffer, outputGradient: Buffer, inputGradient: Buffer, weightGradient: Buffer
    ) {
        let width = weight.count
        require(
            width > 0 && input.count % width == 0 && outputGradient.count == input.count
                && inputGradient.count == input.count && weightGradient.count == width,
            "RMS norm of \(input.count) elements with \(outputGradient.count) gradients and \(width) weights")
        let (source, incoming, outgoing) = (input.pointer, outputGradient.pointer, inputGradient.pointer)
        let scale = weight.pointer
        ReductionKernel.sumGroups(ofRows: input.count / width, into: [weightGradient]) { rows, sums in
            for row in rows {
                backwardRow(
                    source + row * width, scale, incoming + row * width, outgoing + row * width, sums, width)
            }
        }
    }

    /// With n the normalized row, r its root mean square and g the gradient times the weight: dx = (g - n mean(g n)) / r.
    @inline(__always)
    private static func backwardRow(
        _ x: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ incoming: UnsafePointer<Float>,
        _ outgoing: UnsafeMutablePointer<Float>, _ weightSum: UnsafeMutablePointer<Float>, _ width: Int
    ) {
        let inverses = Vector(repeating: inverse(x, width))
        var products = Vector()
        forEachVector(width) { channel, lanes in
            let normalized = Vector(at: x + channel, lanes: lanes) * inverses
            let gradient = Vector(at: incoming + channel, lanes: lanes)
            products = products.adding(product: gradient * Vector(at: scale + channel, lanes: lanes), normalized)
            Vector(at: weightSum + channel, lanes: lanes).adding(product: gradient, normalized)
                .store(to: weightSum + channel, lanes: lanes)
        }
        let meanProduct = Vector(repeating: products.total * (1 / Float(width)))
        forEachVector(width) { channel, lanes in
            let normalized = Vector(at: x + channel, lanes: lanes) * inverses
            let scaled = Vector(at: incoming + channel, lanes: lanes) * Vector(at: scale + channel, lanes: lanes)
            ((scaled - normalized * meanProduct) * inverses).store(to: outgoing + channel, lanes: lanes)
        }
    }

    /// The inverse of a row's root mean square.
    @inline(__always)
    static func inverse(_ x: UnsafePointer<Float>, _ width: Int) -> Float {
        let square = sumVectors(x, width) { $0 * $0 } * (1 / Float(width))
        return 1 / (square + epsilon).squareRoot()
    }
}
