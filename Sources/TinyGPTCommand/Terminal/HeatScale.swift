/// Weights from 0 to 1 as cells of one column.
struct HeatScale {
    private let style: TerminalStyle

    init(_ style: TerminalStyle) { self.style = style }

    /// From nothing to everything. The square root brings out the small weights, of which there are most.
    private static let signs = Array(".,:;=+*#%@").map(String.init)

    /// A run of cells, one for each weight.
    func cells(_ weights: some Sequence<Float>) -> String {
        weights.map(cell).joined()
    }

    private func cell(_ weight: Float) -> String {
        let level = max(0, min(1, weight.squareRoot()))
        let sign = Self.signs[min(Self.signs.count - 1, Int(level * Float(Self.signs.count)))]
        switch style.depth {
        case .none, .sixteen:
            return sign
        case .twoHundredFiftySix:
            // The greys of the 256-colour table, from 232 (black) to 255 (white); the sign stays for those who cannot tell.
            let grey = 232 + Int(level * 23)
            return "\u{1B}[48;5;\(grey);38;5;\(level > 0.55 ? 232 : 250)m\(sign)\u{1B}[0m"
        case .trueColor:
            let (red, green, blue) = Self.viridis(level)
            return "\u{1B}[48;2;\(red);\(green);\(blue);38;2;\(level > 0.55 ? "0;0;0" : "200;200;200")m\(sign)\u{1B}[0m"
        }
    }

    /// A scale that looks even to every eye, colour-blind ones too: between seven colours of matplotlib's "viridis".
    private static func viridis(_ level: Float) -> (Int, Int, Int) {
        let colors: [(Float, Float, Float)] = [
            (68, 1, 84), (72, 40, 120), (62, 74, 137), (38, 130, 142), (53, 183, 121), (144, 215, 67), (253, 231, 37),
        ]
        let place = level * Float(colors.count - 1)
        let index = min(colors.count - 2, Int(place))
        let (from, to, part) = (colors[index], colors[index + 1], place - Float(index))
        func mix(_ a: Float, _ b: Float) -> Int { Int((a + (b - a) * part).rounded()) }
        return (mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
    }
}
