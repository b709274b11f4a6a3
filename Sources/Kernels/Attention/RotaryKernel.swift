import CPUSupport

/// What positions do to queries and keys: each head's are normalized (RMSNorm with a gain, "QK-norm": Henry et al. 2020), then
/// rotated by angles that grow with the position (RoPE: Su et al. 2021, section 3.4.2), in one pass over memory.
///
/// Channel i turns with channel i + D/2 ("halves"), so that a register holds the same side of neighboring pairs. The backward
/// pass recomputes the norm.
package enum RotaryKernel {
    /// Rows whose gradients are summed one after the other before the sums of all such groups are added.
    private static let groupRows = 64

    /// The gains and the rotations.
    package struct Operands {
        let query: Buffer, key: Buffer, rotations: Buffer
        /// D.
        var width: Int { query.count }

        /// Shape: gains (D), `rotations` (context, D): of each position D/2 cosines, then D/2 sines.
        package init(queryGain: Buffer, keyGain: Buffer, rotations: Buffer) {
            let width = queryGain.count
            require(
                width > 0 && width % 2 == 0 && keyGain.count == width && rotations.count % width == 0,
                "gains of \(width) and \(keyGain.count) channels, \(rotations.count) rotations")
            (query, key, self.rotations) = (queryGain, keyGain, rotations)
        }
    }

    /// Normalizes and rotates queries and keys, and copies values.
    ///
    /// Shape: (B, T, 3C) -> (B, T, 3C); the positions are 0 to T - 1
    package static func forward(_ queryKeyValue: Buffer, _ shape: AttentionShape, _ operands: Operands, output: Buffer)
    {
        let rows = Rows(queryKeyValue, shape, operands)
        require(output.count == queryKeyValue.count, "\(queryKeyValue.count) floats into \(output.count)")
        let (source, target) = (queryKeyValue.pointer, output.pointer)
        Parallel.forEachRange(rows.count, grain: 16) { range in
            for row in range {
                let (x, y) = (source + row * 3 * rows.channels, target + row * 3 * rows.channels)
                for head in 0..<2 * rows.heads {
                    let offset = head * rows.width
                    forwardHead(x + offset, rows.width / 2, rows.gain(head), rows.rotation(row), y + offset)
                }
                (y + 2 * rows.channels).update(from: x + 2 * rows.channels, count: rows.channels)
            }
        }
    }

    /// One query or key; output and input may be the same.
    @inline(__always)
    static func forwardHead(
        _ x: UnsafePointer<Float>, _ half: Int, _ gain: UnsafePointer<Float>, _ rotation: UnsafePointer<Float>,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let inverses = Vector(repeating: RMSNormKernel.inverse(x, 2 * half))
        forEachVector(half) { channel, lanes in
            func scaled(_ channel: Int) -> Vector {
                Vector(at: x + channel, lanes: lanes) * inverses * Vector(at: gain + channel, lanes: lanes)
            }
            let (first, second) = (scaled(channel), scaled(channel + half))
            let cosine = Vector(at: rotation + channel, lanes: lanes)
            let sine = Vector(at: rotation + half + channel, lanes: lanes)
            (first * cosine - second * sine).store(to: output + channel, lanes: lanes)
            (second * cosine + first * sine).store(to: output + half + channel, lanes: lanes)
        }
    }

    /// Computes the gradients of input and gains from that of the output.
    package static func backward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, _ operands: Operands, outputGradient: Buffer,
        inputGradient: Buffer, queryGainGradient: Buffer, keyGainGradient: Buffer
    ) {
        let rows = Rows(queryKeyValue, shape, operands)
        let width = rows.width
        require(
            outputGradient.count == queryKeyValue.count && inputGradient.count == queryKeyValue.count
                && queryGainGradient.count == width && keyGainGradient.count == width,
            "\(outputGradient.count) gradients of \(queryKeyValue.count) floats with gains of \(width)")
        let groups = (rows.count + groupRows - 1) / groupRows
        let (ofQueries, ofKeys) = (Buffer(uninitialized: groups * width), Buffer(uninitialized: groups * width))
        let (source, incoming, outgoing) = (queryKeyValue.pointer, outputGradient.pointer, inputGradient.pointer)
        let (querySums, keySums) = (ofQueries.pointer, ofKeys.pointer)
        Parallel.forEach(groups) { group in
            let (querySum, keySum) = (querySums + group * width, keySums + group * width)
            querySum.update(repeating: 0, count: width)
            keySum.update(repeating: 0, count: width)
            for row in group * groupRows..<min(rows.count, (group + 1) * groupRows) {
                let start = row * 3 * rows.channels
                for head in 0..<2 * rows.heads {
                    let offset = start + head * width
                    backwardHead(
                        source + offset, width / 2, rows.gain(head), rows.rotation(row), incoming + offset,
                        outgoing + offset, head < rows.heads ? querySum : keySum)
                }
                let values = start + 2 * rows.channels
                (outgoing + values).update(from: incoming + values, count: rows.channels)
            }
        }
        ReductionKernel.sumRows(ofQueries, into: queryGainGradient)
        ReductionKernel.sumRows(ofKeys, into: keyGainGradient)
    }

    /// The gradient is turned back, then goes through the norm as in ``RMSNormKernel``.
    @inline(__always)
    private static func backwardHead(
        _ x: UnsafePointer<Float>, _ half: Int, _ gain: UnsafePointer<Float>, _ rotation: UnsafePointer<Float>,
        _ incoming: UnsafePointer<Float>, _ outgoing: UnsafeMutablePointer<Float>,
        _ gainSum: UnsafeMutablePointer<Float>
    ) {
        let inverses = Vector(repeating: RMSNormKernel.inverse(x, 2 * half))
        var products = Vector()
        forEachVector(half) { channel, lanes in
            /// Adds to the gain's gradient and stores that of the normalized channels.
            func pass(_ gradient: Vector, _ channel: Int) {
                let normalized = Vector(at: x + channel, lanes: lanes) * inverses
                Vector(at: gainSum + channel, lanes: lanes).adding(product: gradient, normalized)
                    .store(to: gainSum + channel, lanes: lanes)
                let scaled = gradient * Vector(at: gain + channel, lanes: lanes)
                products = products.adding(product: scaled, normalized)
                scaled.store(to: outgoing + channel, lanes: lanes)
            }
            let cosine = Vector(at: rotation + channel, lanes: lanes)
            let sine = Vector(at: rotation + half + channel, lanes: lanes)
            let first = Vector(at: incoming + channel, lanes: lanes)
            let second = Vector(at: incoming + half + channel, lanes: lanes)
            pass(first * cosine + second * sine, channel)
            pass(second * cosine - first * sine, channel + half)
        }
        let meanProduct = Vector(repeating: products.total * (1 / Float(2 * half)))
        forEachVector(2 * half) { channel, lanes in
            let normalized = Vector(at: x + channel, lanes: lanes) * inverses
            ((Vector(at: outgoing + channel, lanes: lanes) - normalized * meanProduct) * inverses)
                .store(to: outgoing + channel, lanes: lanes)
        }
    }

    /// The rows of queries, keys and values, and the addresses of what they are multiplied by.
    private struct Rows {
        /// B T, H, D and C.
        let count: Int, heads: Int, width: Int, channels: Int
        private let time: Int
        private let queryGain: UnsafePointer<Float>, keyGain: UnsafePointer<Float>, rotations: UnsafePointer<Float>

        init(_ queryKeyValue: Buffer, _ shape: AttentionShape, _ operands: Operands) {
            (count, time) = (shape.batch * shape.time, shape.time)
            (heads, width, channels) = (shape.heads, shape.headWidth, shape.channels)
            require(
                operands.width == width && operands.rotations.count >= time * width
                    && queryKeyValue.count == 3 * shape.outputCount,
                "\(queryKeyValue.count) floats of \(shape) with gains of \(operands.width) channels")
            queryGain = UnsafePointer(operands.query.pointer)
            keyGain = UnsafePointer(operands.key.pointer)
            rotations = UnsafePointer(operands.rotations.pointer)
        }

        /// The gain of a query, or for numbers from H on of a key. Shape: (D)
        func gain(_ head: Int) -> UnsafePointer<Float> { head < heads ? queryGain : keyGain }

        /// The cosines and sines of a row's position. Shape: (D)
        func rotation(_ row: Int) -> UnsafePointer<Float> { rotations + row % time * width }
    }
}
