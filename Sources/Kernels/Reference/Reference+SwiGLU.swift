import Foundation

extension Reference {
    /// `silu(gate) * up` of rows that hold gates, then ups (Shazeer 2020, equation 6).
    ///
    /// Shape: (rows, 2F) -> (rows, F)
    package static func swiGLU(_ input: [Float], hidden: Int) -> [Float] {
        (0..<input.count / 2).map { index in
            let (gate, up) = gateAndUp(input, hidden, index)
            return Float(gate / (1 + exp(-gate)) * up)
        }
    }

    /// The gradient of ``swiGLU(_:hidden:)``.
    ///
    /// Shape: (rows, 2F), `outputGradient` (rows, F) -> (rows, 2F)
    package static func swiGLUGradient(_ input: [Float], hidden: Int, outputGradient: [Float]) -> [Float] {
        input.indices.map { place in
            let (row, column) = (place / (2 * hidden), place % (2 * hidden))
            let index = row * hidden + column % hidden
            let (gate, up) = gateAndUp(input, hidden, index)
            let open = 1 / (1 + exp(-gate))
            let derivative = column < hidden ? up * (open + gate * open * (1 - open)) : gate * open
            return Float(Double(outputGradient[index]) * derivative)
        }
    }

    /// The gate and the up of an element of the output.
    private static func gateAndUp(_ input: [Float], _ hidden: Int, _ index: Int) -> (gate: Double, up: Double) {
        let gate = index / hidden * 2 * hidden + index % hidden
        return (Double(input[gate]), Double(input[gate + hidden]))
    }
}
