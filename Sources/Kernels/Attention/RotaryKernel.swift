import CPUSupport

/// QK-norm and RoPE in one pass over memory: the queries and keys of each head are normalized (RMSNorm with a gain: Henry et al.
/// 2020), then rotated by angles proportional to their position (Su et al. 2021, section 3.4.2).
///
/// Channel i is rotated with channel i + D/2 ("halves"), so that a register holds the same side of neighboring pairs. The backward
/// pass recomputes the norm.
package enum RotaryKernel {
    /// Normalizes and rotates queries and keys, and copies values.
    ///
    /// Shape: (B, T, 3C) -> (B, T, 3C); the positions are 0 to T - 1
    package static func forward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, _ operands: Operands, output: Buffer
    ) {
        check(queryKeyValue, shape, operands, output)
        let (source, target, view) = (queryKeyValue.pointer, output.pointer, operands.view)
        let width = shape.width
        Parallel.forEachRange(shape.batch * shape.time, grain: 16) { rows in
            for row in rows {
                let (x, y) = (source + row * 3 * width, target + row * 3 * width)
                view.rotate(x, position: row % shape.time, heads: 0..<shape.heads, of: width, into: y)
                (y + 2 * width).update(from: x + 2 * width, count: width)
            }
        }
    }

    /// Computes the gradients of input and gains from that of the output.
    package static func backward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, _ operands: Operands, outputGradient: Buffer,
        inputGradient: Buffer, queryGainGradient: Buffer, keyGainGradient: Buffer
    ) {
        check(queryKeyValue, shape, operands, inputGradient)
        let (width, headWidth, rows) = (shape.width, shape.headWidth, shape.batch * shape.time)
        require(
            outputGradient.count == queryKeyValue.count && queryGainGradient.count == headWidth
                && keyGainGradient.count == headWidth,
            "\(outputGradient.count) gradients of \(queryKeyValue.count) floats with gains of \(headWidth)")
        let (source, incoming, outgoing) = (queryKeyValue.pointer, outputGradient.pointer, inputGradient.pointer)
        let view = operands.view
        ReductionKernel.sumGroups(ofRows: rows, into: [queryGainGradient, keyGainGradient]) { rows, querySum in
            let keySum = querySum + headWidth
            for row in rows {
                let (query, rotation) = (row * 3 * width, view.rotation(row % shape.time))
                for head in 0..<shape.heads {
                    let (ofQuery, ofKey) = (query + head * headWidth, query + width + head * headWidth)
                    backwardHead(
                        source + ofQuery, headWidth / 2, view.queryGain, rotation, incoming + ofQuery,
                        outgoing + ofQuery, querySum)
                    backwardHead(
                        source + ofKey, headWidth / 2, view.keyGain, rotation, incoming + ofKey, outgoing + ofKey,
                        keySum)
                }
                (outgoing + query + 2 * width).update(from: incoming + query + 2 * width, count: width)
            }
        }
    }

    /// The gradient is rotated back, then goes through the norm as in ``RMSNormKernel``.
    ///
    /// A function of its own, like that of the forward pass: inlined into the loop over heads, the addresses of its loads and
    /// stores are spilled to the stack, which takes as long as the arithmetic.
    @inline(never)
    private static func backwardHead(
        _ x: UnsafePointer<Float>, _ half: Int, _ gain: UnsafePointer<Float>, _ rotation: UnsafePointer<Float>,
        _ incoming: UnsafePointer<Float>, _ outgoing: UnsafeMutablePointer<Float>,
        _ gainSum: UnsafeMutablePointer<Float>
    ) {
        let inverses = Vector(repeating: RMSNormKernel.inverse(x, 2 * half))
        var products = Vector()
        forEachVector(half) { channel, lanes in
            /// Adds to the gain's gradient and stores that of the normalized channels.
            @inline(__always)
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

    /// One query or key; the output may take the place of the input.
    @inline(never)
    private static func forwardHead(
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

    private static func check(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, _ operands: Operands, _ output: Buffer
    ) {
        require(
            operands.view.headWidth == shape.headWidth && operands.view.positions >= shape.time
                && queryKeyValue.count == 3 * shape.outputCount && output.count == queryKeyValue.count,
            """
            \(queryKeyValue.count) floats of \(shape) into \(output.count), gains of \(operands.view.headWidth), \
            \(operands.view.positions) positions
            """)
    }
}

extension RotaryKernel {
    /// The gains and the rotations.
    package struct Operands {
        let buffers: [Buffer]
        let view: View

        /// Shape: gains (D), `rotations` (positions, D): of each position the D/2 cosines, then the sines.
        package init(queryGain: Buffer, keyGain: Buffer, rotations: Buffer) {
            let headWidth = queryGain.count
            require(
                headWidth > 0 && headWidth % 2 == 0 && keyGain.count == headWidth && rotations.count % headWidth == 0,
                "gains of \(headWidth) and \(keyGain.count) channels, \(rotations.count) rotations")
            buffers = [queryGain, keyGain, rotations]
            view = View(
                headWidth: headWidth, positions: rotations.count / headWidth, queryGain: queryGain.pointer,
                keyGain: keyGain.pointer, rotations: rotations.pointer)
        }
    }

    /// The operands as addresses, which are not reference-counted.
    struct View {
        /// D, and the positions that there are rotations of.
        let headWidth: Int, positions: Int
        fileprivate let queryGain: UnsafePointer<Float>, keyGain: UnsafePointer<Float>
        private let rotations: UnsafePointer<Float>

        fileprivate init(
            headWidth: Int, positions: Int, queryGain: UnsafePointer<Float>, keyGain: UnsafePointer<Float>,
            rotations: UnsafePointer<Float>
        ) {
            (self.headWidth, self.positions) = (headWidth, positions)
            (self.queryGain, self.keyGain, self.rotations) = (queryGain, keyGain, rotations)
        }

        /// Shape: (D)
        @inline(__always)
        fileprivate func rotation(_ position: Int) -> UnsafePointer<Float> { rotations + position * headWidth }

        /// Queries and keys of some heads of one position; the output may take the place of the input.
        ///
        /// Shape: (3C) -> (3C)
        @inline(__always)
        func rotate(
            _ queryKeyValue: UnsafePointer<Float>, position: Int, heads: Range<Int>, of width: Int,
            into output: UnsafeMutablePointer<Float>
        ) {
            let rotation = rotation(position)
            for head in heads {
                let (query, key) = (head * headWidth, width + head * headWidth)
                forwardHead(queryKeyValue + query, headWidth / 2, queryGain, rotation, output + query)
                forwardHead(queryKeyValue + key, headWidth / 2, keyGain, rotation, output + key)
            }
        }
    }
}
