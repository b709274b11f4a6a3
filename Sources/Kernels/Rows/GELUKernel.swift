import CPUSupport

/// The Gaussian error linear unit in its tanh form (Hendrycks and Gimpel 2016, section 2).
///
/// `x (1 + tanh u) / 2` with `u = sqrt(2/pi) (x + 0.044715 x^3)` is `x sigmoid(2u)`, which needs one exponential.
package enum GELUKernel {
    /// Computes `output = gelu(input)`.
    package static func forward(_ input: Buffer, output: Buffer) {
        require(input.count == output.count, "GELU of \(input.count) elements into \(output.count)")
        let (source, target) = (input.pointer, output.pointer)
        Parallel.forEachRange(input.count, grain: 1 << 13) { range in
            forward(source + range.lowerBound, count: range.count, output: target + range.lowerBound)
        }
    }

    /// The same for `count` floats.
    static func forward(_ input: UnsafePointer<Float>, count: Int, output: UnsafeMutablePointer<Float>) {
        forEachVector(count) { offset, lanes in
            let x = Vector(at: input + offset, lanes: lanes)
            (x * gate(x)).store(to: output + offset, lanes: lanes)
        }
    }

    /// Computes the gradient of the input from that of the output, whose place it may take, and recomputes the output if
    /// given.
    package static func backward(
        _ input: Buffer, outputGradient: Buffer, inputGradient: Buffer, output: Buffer? = nil
    ) {
        require(
            outputGradient.count == input.count && inputGradient.count == input.count
                && output.map { $0.count == input.count } ?? true,
            "GELU of \(input.count) elements with \(outputGradient.count) gradients into \(inputGradient.count)")
        let (source, incoming, outgoing) = (input.pointer, outputGradient.pointer, inputGradient.pointer)
        let again = output?.pointer
        let one = Vector(repeating: 1)
        Parallel.forEachRange(input.count, grain: 1 << 13) { range in
            forEachVector(range.count) { offset, lanes in
                let index = range.lowerBound + offset
                let x = Vector(at: source + index, lanes: lanes)
                let open = gate(x)
                let slope = Vector(repeating: 2 * linear).adding(product: x * x, Vector(repeating: 6 * linear * cubic))
                if let again { (x * open).store(to: again + index, lanes: lanes) }
                let derivative = open.adding(product: x * slope, open * (one - open))
                (derivative * Vector(at: incoming + index, lanes: lanes)).store(to: outgoing + index, lanes: lanes)
            }
        }
    }

    private static var linear: Float { 0.797_884_6 }
    private static var cubic: Float { 0.044_715 }

    /// sigmoid(2u)
    @inline(__always)
    private static func gate(_ x: Vector) -> Vector {
        let slope = Vector(repeating: 2 * linear).adding(product: x * x, Vector(repeating: 2 * linear * cubic))
        return sigmoid(x * slope)
    }
}
