import CPUSupport

/// The gated linear unit with SiLU as its gate (Shazeer 2020, "GLU Variants Improve Transformer"): `silu(gate) * up`, with
/// `silu(x) = x sigmoid(x)`.
package enum SwiGLUKernel {
    /// Computes `output = silu(gate) * up` of rows that hold gates, then ups.
    ///
    /// Shape: (rows, 2F) -> (rows, F)
    package static func forward(_ input: Buffer, hidden: Int, output: Buffer) {
        let rows = checkedRows(input, hidden, output)
        let (source, target) = (input.pointer, output.pointer)
        Parallel.forEachRange(rows, grain: grain(hidden)) { range in
            for row in range {
                let gate = source + row * 2 * hidden
                forward(gate: gate, up: gate + hidden, count: hidden, output: target + row * hidden)
            }
        }
    }

    /// The same for `count` gates and ups.
    static func forward(
        gate: UnsafePointer<Float>, up: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>
    ) {
        forEachVector(count) { offset, lanes in
            let x = Vector(at: gate + offset, lanes: lanes)
            (x * sigmoid(x) * Vector(at: up + offset, lanes: lanes)).store(to: output + offset, lanes: lanes)
        }
    }

    /// Computes the gradient of the input from that of the output, and recomputes the output, which may overwrite
    /// `outputGradient`.
    package static func backward(
        _ input: Buffer, hidden: Int, outputGradient: Buffer, inputGradient: Buffer, output: Buffer
    ) {
        let rows = checkedRows(input, hidden, output)
        require(
            outputGradient.count == output.count && inputGradient.count == input.count,
            "SwiGLU of \(input.count) elements with \(outputGradient.count) gradients into \(inputGradient.count)")
        let (source, incoming, outgoing) = (input.pointer, outputGradient.pointer, inputGradient.pointer)
        let again = output.pointer
        let one = Vector(repeating: 1)
        Parallel.forEachRange(rows, grain: grain(hidden)) { range in
            for row in range {
                let (gates, ups) = (source + row * 2 * hidden, source + (row * 2 + 1) * hidden)
                let (ofGates, ofUps) = (outgoing + row * 2 * hidden, outgoing + (row * 2 + 1) * hidden)
                forEachVector(hidden) { channel, lanes in
                    let (gate, up) = (
                        Vector(at: gates + channel, lanes: lanes), Vector(at: ups + channel, lanes: lanes)
                    )
                    let gradient = Vector(at: incoming + row * hidden + channel, lanes: lanes)
                    let open = sigmoid(gate)
                    let silu = gate * open
                    let slope = open.adding(product: silu, one - open)
                    (silu * up).store(to: again + row * hidden + channel, lanes: lanes)
                    (gradient * up * slope).store(to: ofGates + channel, lanes: lanes)
                    (gradient * silu).store(to: ofUps + channel, lanes: lanes)
                }
            }
        }
    }

    /// Rows of some thousand elements together, as in ``GELUKernel``.
    private static func grain(_ hidden: Int) -> Int { max(1, (1 << 12) / hidden) }

    private static func checkedRows(_ input: Buffer, _ hidden: Int, _ output: Buffer) -> Int {
        require(
            hidden > 0 && input.count % (2 * hidden) == 0 && output.count == input.count / 2,
            "SwiGLU of \(input.count) elements, \(hidden) a row, into \(output.count)")
        return output.count / hidden
    }
}
