/// Weights from 0 to 1 as cells of one column.
package struct HeatScale {
    private let style: TerminalStyle

    package init(_ style: TerminalStyle) { self.style = style }

    /// From nothing to everything. The square root brings out the small weights, of which there are most.
    private static let signs = Array(".,:;=+*#%@").map(String.init)

    /// A run of cells, one for each weight.
    package func cells(_ weights: some Sequence<Float>) -> String {
        weights.map { weight in
            // The sign stays for those who cannot tell the colors.
            let sign = sign(Self.level(weight))
            return tinted(sign, weight) ?? sign
        }.joined()
    }

    /// Characters on the colors of their weights; nil where there are too few colors to tell weights apart.
    package func tinted(_ characters: [String], _ weights: [Float]) -> String? {
        let tinted = zip(characters, weights).compactMap(tinted)
        return tinted.count == characters.count ? tinted.joined() : nil
    }

    private func tinted(_ character: String, _ weight: Float) -> String? {
        let level = Self.level(weight)
        guard let ground = color(level) else { return nil }
        let ink = color(level > 0.55 ? 0 : 1, isDim: level <= 0.55) ?? ""
        return "\u{1B}[48;\(ground);38;\(ink)m\(character)\u{1B}[0m"
    }

    /// Two cells in one character, one above the other; nil where there is none.
    package func halves(_ upper: Float?, _ lower: Float?) -> String {
        guard let largest = [upper, lower].compactMap({ $0 }).max() else { return " " }
        guard style.isUTF8, let above = upper.map({ color(Self.level($0)) }) ?? "",
            let below = lower.map({ color(Self.level($0)) }) ?? ""
        else { return sign(Self.level(largest)) }
        if upper == nil { return "\u{1B}[38;\(below)m\u{2584}\u{1B}[0m" }
        return "\u{1B}[38;\(above)\(lower == nil ? "" : ";48;\(below)")m\u{2580}\u{1B}[0m"
    }

    private static func level(_ weight: Float) -> Float { max(0, min(1, weight.squareRoot())) }

    private func sign(_ level: Float) -> String {
        Self.signs[min(Self.signs.count - 1, Int(level * Float(Self.signs.count)))]
    }

    /// A color as terminals want it after `38;` or `48;`, nil where there are too few colors to tell levels apart.
    private func color(_ level: Float, isDim: Bool = false) -> String? {
        let (red, green, blue) = isDim ? (200, 200, 200) : Self.viridis(level)
        switch style.depth {
        case .none, .sixteen: return nil
        case .twoHundredFiftySix: return "5;\(16 + 36 * Self.step(red) + 6 * Self.step(green) + Self.step(blue))"
        case .trueColor: return "2;\(red);\(green);\(blue)"
        }
    }

    /// The step of the 256-color table's cube that is nearest to a channel: they stand for 0, 95, 135, 175, 215 and 255.
    private static func step(_ channel: Int) -> Int { channel < 48 ? 0 : min(5, max(1, (channel - 35) / 40)) }

    /// A scale that looks even to every eye, color-blind ones too: between seven colors of matplotlib's "viridis".
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
