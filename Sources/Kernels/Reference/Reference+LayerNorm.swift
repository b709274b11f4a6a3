extension Reference {
    /// Layer normalization of each row: `(x - mean) / sqrt(variance + epsilon) * weight + bias` (Ba, Kiros and Hinton 2016,
    /// equation 4).
    ///
    /// Shape: (rows, width) -> (rows, width)
    package static func layerNorm(_ input: [Float], weight: [Float], bias: [Float]?) -> [Float] {
        let width = weight.count
        return input.indices.map { index in
            let (mean, inverse) = statistics(input, row: index / width, width)
            let channel = index % width
            return Float(
                (Double(input[index]) - mean) * inverse * Double(weight[channel]) + Double(bias?[channel] ?? 0))
        }
    }

    /// The gradients of layer normalization.
    ///
    /// Shape: `input` and `outputGradient` (rows, width), `weight` (width) -> (rows, width), (width), (width)
    package static func layerNormGradient(
        _ input: [Float], weight: [Float], outputGradient: [Float]
    ) -> (input: [Float], weight: [Float], bias: [Float]) {
        let width = weight.count
        var inputGradient = [Float](repeating: 0, count: input.count)
        var weightGradient = [Double](repeating: 0, count: width)
        var biasGradient = [Double](repeating: 0, count: width)
        for row in 0..<input.count / width {
            let (mean, inverse) = statistics(input, row: row, width)
            let normalized = (0..<width).map { (Double(input[row * width + $0]) - mean) * inverse }
            let incoming = (0..<width).map { Double(outputGradient[row * width + $0]) }
            let scaled = (0..<width).map { incoming[$0] * Double(weight[$0]) }
            let meanScaled = scaled.reduce(0, +) / Double(width)
            let meanProduct = (0..<width).reduce(0) { $0 + scaled[$1] * normalized[$1] } / Double(width)
            for channel in 0..<width {
                inputGradient[row * width + channel] = Float(
                    (scaled[channel] - meanScaled - normalized[channel] * meanProduct) * inverse)
                weightGradient[channel] += incoming[channel] * normalized[channel]
                biasGradient[channel] += incoming[channel]
            }
        }
        return (inputGradient, weightGradient.map { Float($0) }, biasGradient.map { Float($0) })
    }

    private static func statistics(_ input: [Float], row: Int, _ width: Int) -> (mean: Double, inverse: Double) {
        let values = input[row * width..<(row + 1) * width].map { Double($0) }
        let mean = values.reduce(0, +) / Double(width)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
        return (mean, 1 / (variance + Double(LayerNormKernel.epsilon)).squareRoot())
    }
}
