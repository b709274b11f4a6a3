extension Reference {
    /// Layer normalization of each row: `(x - mean) / sqrt(variance + epsilon) * weight + bias` (Ba, Kiros and Hinton 2016,
    /// equation 4).
    ///
    /// Shape: (rows, channels) -> (rows, channels)
    package static func layerNorm(_ input: [Float], weight: [Float], bias: [Float]?) -> [Float] {
        let channels = weight.count
        return input.indices.map { index in
            let (mean, inverse) = statistics(input, row: index / channels, channels)
            let channel = index % channels
            return Float(
                (Double(input[index]) - mean) * inverse * Double(weight[channel]) + Double(bias?[channel] ?? 0))
        }
    }

    /// The gradients of layer normalization.
    ///
    /// Shape: `input` and `outputGradient` (rows, channels), `weight` (channels) -> (rows, channels), (channels), (channels)
    package static func layerNormGradient(
        _ input: [Float], weight: [Float], outputGradient: [Float]
    ) -> (input: [Float], weight: [Float], bias: [Float]) {
        let channels = weight.count
        var inputGradient = [Float](repeating: 0, count: input.count)
        var weightGradient = [Double](repeating: 0, count: channels)
        var biasGradient = [Double](repeating: 0, count: channels)
        for row in 0..<input.count / channels {
            let (mean, inverse) = statistics(input, row: row, channels)
            let normalized = (0..<channels).map { (Double(input[row * channels + $0]) - mean) * inverse }
            let incoming = (0..<channels).map { Double(outputGradient[row * channels + $0]) }
            let scaled = (0..<channels).map { incoming[$0] * Double(weight[$0]) }
            let meanScaled = scaled.reduce(0, +) / Double(channels)
            let meanProduct = (0..<channels).reduce(0) { $0 + scaled[$1] * normalized[$1] } / Double(channels)
            for channel in 0..<channels {
                inputGradient[row * channels + channel] = Float(
                    (scaled[channel] - meanScaled - normalized[channel] * meanProduct) * inverse)
                weightGradient[channel] += incoming[channel] * normalized[channel]
                biasGradient[channel] += incoming[channel]
            }
        }
        return (inputGradient, weightGradient.map { Float($0) }, biasGradient.map { Float($0) })
    }

    private static func statistics(_ input: [Float], row: Int, _ channels: Int) -> (mean: Double, inverse: Double) {
        let values = input[row * channels..<(row + 1) * channels].map { Double($0) }
        let mean = values.reduce(0, +) / Double(channels)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
        return (mean, 1 / (variance + Double(LayerNormKernel.epsilon)).squareRoot())
    }
}
