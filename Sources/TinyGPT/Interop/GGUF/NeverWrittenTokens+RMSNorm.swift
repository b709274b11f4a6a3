/// What an RMS norm has normalized has no such sum. So the residual stream gets more channels, which all matrices leave as they
/// are: one is a small constant, which is positive after every norm and at which only the rows of these tokens look.
extension NeverWrittenTokens {
    /// The constant, the smallest normal number in half precision: its square adds nothing to a mean that any stream has.
    private static let constant: Float = 0x1p-14
    /// After the final norm the constant is this, divided by the root mean square of the stream: no overflow in half precision
    /// down to 3e-4.
    private static let normed: Float = 16
    /// Minus the weight of these tokens for it; their logit is -65536 / rms.
    private static let aversion: Float = 4096

    /// The channel of the constant, the first of a block of 32 in which all others are zero, so that it shares its scale with no
    /// other weight or activation of 8 bits.
    static func constantChannel(_ width: Int) -> Int { (width + 31) / 32 * 32 }

    /// Gains make up for the larger number of channels over which a norm takes its mean.
    func addingChannels() -> Change {
        let width = model.configuration.width
        let (wide, channel) = (Self.width(of: model.configuration), Self.constantChannel(width))
        let factor = (Double(width) / Double(wide)).squareRoot()
        func widened(_ row: some Sequence<Float>, constant: Float = 0) -> [Float] {
            var row = row + [Float](repeating: 0, count: wide - width)
            row[channel] = constant
            return row
        }
        return { name, tensor in
            let (values, shape) = (tensor.values, tensor.shape)
            switch Name.part(name) {
            case "token_embd":
                return .init(shape: [first + count, wide]) {
                    embedding(values()).rows(of: width).flatMap { widened($0, constant: Self.constant) }
                }
            case "output":
                return .init(shape: [first + count, wide]) {
                    let lead = widened([Float](repeating: 0, count: width), constant: -Self.aversion)
                    return values().rows(of: width).flatMap { widened($0) } + (0..<count).flatMap { _ in lead }
                }
            case "attn_norm", "ffn_norm", "output_norm":
                let isFinal = name.hasPrefix("output_norm")
                return .init(shape: [wide]) {
                    widened(
                        values().map { Float(Double($0) * factor) },
                        constant: isFinal ? Self.normed * Float(factor) / Self.constant : 0)
                }
            case "attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_up":
                return .init(shape: [shape[0], wide]) { values().rows(of: width).flatMap { widened($0) } }
            case "attn_output", "ffn_down":
                return .init(shape: [wide, shape[1]]) {
                    values() + [Float](repeating: 0, count: (wide - width) * shape[1])
                }
            default: return tensor
            }
        }
    }
}
