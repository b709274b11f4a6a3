/// The channels z that a layer norm has normalized sum to 0. So a row of the head that is a multiple of 1 / gain gets the same
/// logit from every `gain z + bias`: that multiple of the sum of `bias / gain`.
extension NeverWrittenTokens {
    /// The logit of these tokens.
    private static let logit = -30.0
    /// The least gain whose quotients have a place in half precision. No gain of a trained model was smaller.
    private static let leastGain = 0.01

    /// Where the sum is too small, the bias becomes `bias + beta gain`, and what this adds to the logits of characters is taken away
    /// again by a multiple of 1 / gain in their rows.
    func shiftingLogits() -> Change {
        let width = model.configuration.width
        func final(_ name: String) -> [Double]? {
            model.parameters.first { $0.name == "norm.\(name)" }?.tensor.values.map(Double.init)
        }
        let gain = final("weight")!
        let bias = final("bias") ?? [Double](repeating: 0, count: width)
        let isInvertible = gain.allSatisfy { $0.magnitude >= Self.leastGain }
        let sum = isInvertible ? zip(bias, gain).reduce(0) { $0 + $1.0 / $1.1 } : 1
        let beta = sum.magnitude > 0.5 ? 0 : (1 - sum) / Double(width)
        let shifted = sum + beta * Double(width)
        return { name, tensor in
            let values = tensor.values
            switch name {
            case Name.embedding: return .init(shape: [first + count, width]) { embedding(values()) }
            case Name.finalBias:
                return .init(shape: [width]) { zip(values(), gain).map { Float(Double($0) + beta * $1) } }
            case Name.head:
                return .init(shape: [first + count, width]) {
                    let rows = values().rows(of: width)
                    guard isInvertible else { return values() + mean(rows) }
                    let lead = gain.map { Float(Self.logit / shifted / $0) }
                    let characters = rows.flatMap { Self.shifted($0, by: beta / shifted, gain) }
                    return characters + (0..<count).flatMap { _ in lead }
                }
            default: return tensor
            }
        }
    }

    /// A row without the multiple of 1 / gain that adds `share` of its product with the gain to its logit.
    private static func shifted(_ row: ArraySlice<Float>, by share: Double, _ gain: [Double]) -> [Float] {
        let product = zip(row, gain).reduce(0) { $0 + Double($1.0) * $1.1 }
        return zip(row, gain).map { Float(Double($0) - share * product / $1) }
    }

    /// The mean of the rows for each of these tokens: a logit that is never the largest.
    private func mean(_ rows: [ArraySlice<Float>]) -> [Float] {
        let mean = (0..<rows[0].count).map { channel in
            let sum = rows.reduce(0.0) { $0 + Double($1[$1.startIndex + channel]) }
            return Float(sum / Double(rows.count))
        }
        return (0..<count).flatMap { _ in mean }
    }
}
