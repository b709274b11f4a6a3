import Foundation

extension Reference {
    /// The rotations of RoPE (Su et al. 2021, section 3.4.2): at position t the D/2 cosines of `t 10000^(-2i/D)`, then the sines.
    ///
    /// Shape: -> (time, D)
    package static func rotations(time: Int, headWidth: Int) -> [Float] {
        (0..<time).flatMap { position in
            let angles = (0..<headWidth / 2).map { Double(position) * pow(10_000, -Double(2 * $0) / Double(headWidth)) }
            return angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
        }
    }

    /// Queries and keys of each head normalized with a gain, then rotated: channels i and i + D/2 as a point in the plane.
    ///
    /// Shape: (B, T, 3C), gains (D) -> (B, T, 3C)
    package static func rotary(
        _ queryKeyValue: [Float], _ shape: AttentionShape, queryGain: [Float], keyGain: [Float]
    ) -> [Float] {
        let turned = rotations(time: shape.time, headWidth: shape.headWidth)
        var output = queryKeyValue
        forEachHead(shape) { channels, position, isKey in
            let y = rmsNorm(Array(queryKeyValue[channels]), weight: isKey ? keyGain : queryGain)
            output.replaceSubrange(channels, with: rotated(y, turned, position, by: 1))
        }
        return output
    }

    /// The gradients of ``rotary(_:_:queryGain:keyGain:)``.
    ///
    /// Shape: (B, T, 3C), gains (D), `outputGradient` (B, T, 3C) -> (B, T, 3C), (D), (D)
    package static func rotaryGradient(
        _ queryKeyValue: [Float], _ shape: AttentionShape, queryGain: [Float], keyGain: [Float],
        outputGradient: [Float]
    ) -> (input: [Float], queryGain: [Float], keyGain: [Float]) {
        let turned = rotations(time: shape.time, headWidth: shape.headWidth)
        var inputGradient = outputGradient
        var gains = [[Float]](repeating: [Float](repeating: 0, count: shape.headWidth), count: 2)
        forEachHead(shape) { channels, position, isKey in
            let incoming = rotated(Array(outputGradient[channels]), turned, position, by: -1)
            let gradient = rmsNormGradient(
                Array(queryKeyValue[channels]), weight: isKey ? keyGain : queryGain, outputGradient: incoming)
            inputGradient.replaceSubrange(channels, with: gradient.input)
            for channel in 0..<shape.headWidth { gains[isKey ? 1 : 0][channel] += gradient.weight[channel] }
        }
        return (inputGradient, gains[0], gains[1])
    }

    /// Calls `body` with the channels of every query and every key.
    private static func forEachHead(
        _ shape: AttentionShape, _ body: (_ channels: Range<Int>, _ position: Int, _ isKey: Bool) -> Void
    ) {
        for row in 0..<shape.batch * shape.time {
            for head in 0..<2 * shape.heads {
                let start = row * 3 * shape.width + head * shape.headWidth
                body(start..<start + shape.headWidth, row % shape.time, head >= shape.heads)
            }
        }
    }

    /// A head rotated by the angles of a position, forwards or back.
    private static func rotated(_ x: [Float], _ rotations: [Float], _ position: Int, by sign: Float) -> [Float] {
        let half = x.count / 2
        return x.indices.map { channel in
            let angle = position * x.count + channel % half
            let (cosine, sine) = (rotations[angle], sign * rotations[angle + half])
            return channel < half
                ? x[channel] * cosine - x[channel + half] * sine : x[channel] * cosine + x[channel - half] * sine
        }
    }
}
