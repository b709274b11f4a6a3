extension Reference {
    /// Root mean square normalization of each row: `x / sqrt(mean(x^2) + epsilon) * weight` (Zhang and Sennrich 2019,
    /// equation 4).
    ///
    /// Shape: (rows, channels) -> (rows, channels)
    package static func rmsNorm(_ input: [Float], weight: [Float]) -> [Float] {
        let channels = weight.count
        return input.indices.map { index in
            let inverse = inverseRMS(input, row: index / channels, channels)
            return Float(Double(input[index]) * inverse * Double(weight[index % channels]))
        }
    }

    /// The gradients of root mean square normalization.
    ///
    /// Shape: `input` and `outputGradient` (rows, channels), `weight` (channels) -> (rows, channels), (channels)
    package static func rmsNormGradient(
        _ input: [Float], weight: [Float], outputGradient: [Float]
    ) -> (input: [Float], weight: [Float]) {
        let channels = weight.count
        var inputGradient = [Float](repeating: 0, count: input.count)
        var weightGradient = [Double](repeating: 0, count: channels)
        for row in 0..<input.count / channels {
            let inverse = inverseRMS(input, row: row, channels)
            let normalized = (0..<channels).map { Double(input[row * channels + $0]) * inverse }
            let incoming = (0..<channels).map { Double(outputGradient[row * channels + $0]) }
            let scaled = (0..<channels).map { incoming[$0] * Double(weight[$0]) }
            let meanProduct = (0..<channels).reduce(0) { $0 + scaled[$1] * normalized[$1] } / Double(channels)
            for channel in 0..<channels {
                inputGradient[row * channels + channel] = Float(
                    (scaled[channel] - normalized[channel] * meanProduct) * inverse)
                weightGradient[channel] += incoming[channel] * normalized[channel]
            }
        }
        return (inputGradient, weightGradient.map { Float($0) })
    }

    private static func inverseRMS(_ input: [Float], row: Int, _ channels: Int) -> Double {
        let squares = input[row * channels..<(row + 1) * channels].reduce(0) { $0 + Double($1) * Double($1) }
        return 1 / (squares / Double(channels) + Double(RMSNormKernel.epsilon)).squareRoot()
    }
}
