import CPUSupport

/// Layer normalization over the channels of each row (Ba, Kiros and Hinton 2016).
///
/// The backward pass recomputes mean and deviation while the row is in the first-level cache: the same bits as saving them,
/// for less memory.
package enum LayerNormKernel {
    /// Added to the variance.
    package static let epsilon: Float = 1e-5

    /// Computes `output = (input - mean) / deviation * weight + bias` row by row.
    ///
    /// Shape: (rows, width) -> (rows, width); `weight` and `bias` (width).
    package static func forward(_ input: Buffer, weight: Buffer, bias: Buffer?, output: Buffer) {
        let width = weight.count
        require(
            width > 0 && input.count % width == 0 && output.count == input.count
                && bias.map { $0.count == width } ?? true,
            "layer norm of \(input.count) elements with \(width) weights into \(output.count)")
        let (source, target, scale, shift) = (input.pointer, output.pointer, weight.pointer, bias?.pointer)
        Parallel.forEachRange(input.count / width, grain: 32) { rows in
            for row in rows {
                forward(source + row * width, width, weight: scale, bias: shift, output: target + row * width)
            }
        }
    }

    /// The same for one row.
    static func forward(
        _ x: UnsafePointer<Float>, _ width: Int, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        output: UnsafeMutablePointer<Float>
    ) {
        let (mean, inverse) = statistics(x, width)
        let (means, inverses) = (Vector(repeating: mean), Vector(repeating: inverse))
        forEachVector(width) { channel, lanes in
            let normalized = (Vector(at: x + channel, lanes: lanes) - means) * inverses
            var value = normalized * Vector(at: weight + channel, lanes: lanes)
            if let bias { value += Vector(at: bias + channel, lanes: lanes) }
            value.store(to: output + channel, lanes: lanes)
        }
    }

    /// Computes the gradients of input, weight and bias from that of the output.
    package static func backward(
        _ input: Buffer, weight: Buffer, outputGradient: Buffer,
        inputGradient: Buffer, weightGradient: Buffer, biasGradient: Buffer?
    ) {
        let width = weight.count
        require(
            width > 0 && input.count % width == 0 && outputGradient.count == input.count
                && inputGradient.count == input.count && weightGradient.count == width
                && biasGradient.map { $0.count == width } ?? true,
            "layer norm of \(input.count) elements with \(outputGradient.count) gradients and \(width) weights")
        let (source, incoming, outgoing) = (input.pointer, outputGradient.pointer, inputGradient.pointer)
        let (scale, hasBias) = (weight.pointer, biasGradient != nil)
        let gradients = [weightGradient] + (biasGradient.map { [$0] } ?? [])
        ReductionKernel.sumGroups(ofRows: input.count / width, into: gradients) { rows, sums in
            for row in rows {
                backwardRow(
                    source + row * width, scale, incoming + row * width, outgoing + row * width,
                    sums, hasBias ? sums + width : nil, width)
            }
        }
    }

    /// With n the normalized row and g the gradient times the weight: dx = (g - mean(g) - n mean(g n)) / deviation.
    @inline(__always)
    private static func backwardRow(
        _ x: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ incoming: UnsafePointer<Float>,
        _ outgoing: UnsafeMutablePointer<Float>, _ weightSum: UnsafeMutablePointer<Float>,
        _ biasSum: UnsafeMutablePointer<Float>?, _ width: Int
    ) {
        let (mean, inverse) = statistics(x, width)
        let (means, inverses) = (Vector(repeating: mean), Vector(repeating: inverse))
        var (sums, products) = (Vector(), Vector())
        forEachVector(width) { channel, lanes in
            let normalized = (Vector(at: x + channel, lanes: lanes, padding: mean) - means) * inverses
            let gradient = Vector(at: incoming + channel, lanes: lanes)
            let scaled = gradient * Vector(at: scale + channel, lanes: lanes)
            sums += scaled
            products = products.adding(product: scaled, normalized)
            Vector(at: weightSum + channel, lanes: lanes).adding(product: gradient, normalized)
                .store(to: weightSum + channel, lanes: lanes)
            if let biasSum {
                (Vector(at: biasSum + channel, lanes: lanes) + gradient).store(to: biasSum + channel, lanes: lanes)
            }
        }
        let share = 1 / Float(width)
        let meanGradient = Vector(repeating: sums.total * share)
        let meanProduct = Vector(repeating: products.total * share)
        forEachVector(width) { channel, lanes in
            let normalized = (Vector(at: x + channel, lanes: lanes) - means) * inverses
            let scaled = Vector(at: incoming + channel, lanes: lanes) * Vector(at: scale + channel, lanes: lanes)
            ((scaled - meanGradient - normalized * meanProduct) * inverses)
                .store(to: outgoing + channel, lanes: lanes)
        }
    }

    /// The mean of a row and the inverse of its standard deviation.
    @inline(__always)
    private static func statistics(_ x: UnsafePointer<Float>, _ width: Int) -> (mean: Float, inverse: Float) {
        let share = 1 / Float(width)
        let mean = sumVectors(x, width) { $0 } * share
        let means = Vector(repeating: mean)
        let variance = sumVectors(x, width, padding: mean) { ($0 - means) * ($0 - means) } * share
        return (mean, 1 / (variance + epsilon).squareRoot())
    }
}
