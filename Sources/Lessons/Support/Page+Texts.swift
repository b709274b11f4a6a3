import Console

extension Page {
    /// The columns of a line of a text.
    private static let width = TextLayout.width - 2

    /// A text that a model has written: its lines, set in; longer ones are broken.
    func written(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            for part in Self.parts(of: line) { lines(part.isEmpty ? "" : "  " + part) }
        }
    }

    /// A text whose characters are tinted by numbers from 0 to 1; where there are too few colors, the numbers stand below each
    /// line as cells.
    func tintedText(_ text: String, _ values: some Sequence<Float>) {
        let scale = HeatScale(style)
        var rest = Array(values)[...]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            for part in Self.parts(of: line) {
                let weights = rest.prefix(part.unicodeScalars.count).map { min(1, max(0, $0)).squared }
                rest = rest.dropFirst(weights.count)
                if let tinted = scale.tinted(part.unicodeScalars.map(String.init), weights) {
                    lines(tinted)
                } else if !part.isEmpty {
                    lines(part, scale.cells(weights))
                }
            }
            rest = rest.dropFirst()
        }
    }

    /// A line in pieces that fit; an empty line is one piece.
    private static func parts(of line: Substring) -> [String] {
        let characters = Array(line)
        return stride(from: 0, to: max(1, characters.count), by: width).map { start in
            String(characters[start..<min(start + width, characters.count)])
        }
    }
}
