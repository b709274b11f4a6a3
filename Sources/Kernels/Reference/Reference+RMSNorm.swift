extension Reference {
    /// Root mean square normalization of each row: `x / sqrt(mean(x^2) + epsilon) * weight` (Zhang and Sennrich 2019,
    /// equation 4).
    ///
    /// Shape: (rows, width) -> (rows, width)
    package static func rmsNorm(_ input: [Float], weight: [Float]) -> [Float] {
        let width = weight.count
        return input.indices.map { index in
            let inverse = inverseRMS(input, row: index / width, width)
            return Float(Double(input[index]) * inverse * Double(weight[index % width]))
        }
    }

    /// The gradients of root mean square normalization.
    ///
    /// Shape: `input` and `outputGradient` (rows, width), `weight` (width) -> (rows, width), (width)
    package static func rmsNormGradient(
        _ input: [Float], weight: [Float], outputGradient: [Float]
    ) -> (input: [Float], weight: [Float]) {
        let width = weight.count
        var inputGradient = [Float](repeating: 0, count: input.count)
        var weightGradient = [Double](repeating: 0, count: width)
        for row in 0..<input.count / width {
            let inverse = inverseRMS(input, row: row, width)
            let normalized = (0..<width).map { Double(input[row * width + $0]) * inverse }
            let incoming = (0..<width).map { Double(outputGradient[row * width + $0]) }
            let scaled = (0..<width).map { incoming[$0] * Double(weight[$0]) }
            let meanProduct = (0..<width).reduce(0) { $0 + scaled[$1] * normalized[$1] } / Double(width)
            for channel in 0..<width {
                inputGradient[row * width + channel] = Float(
                    (scaled[channel] - normalized[channel] * meanProduct) * inverse)
                weightGradient[channel] += incoming[channel] * normalized[channel]
            }
        }
        return (inputGradient, weightGradient.map { Float($0) })
    }

    private static func inverseRMS(_ input: [Float], row: Int, _ width: Int) -> Double {
        let squares = input[row * width..<(row + 1) * width].reduce(0) { $0 + Double($1) * Double($1) }
        return 1 / (squares / Double(width) + Double(RMSNormKernel.epsilon)).squareRoot()
    }
}
