import Foundation

/// Attention as a drawing (SVG) for a page or a paper: one head with its characters, or several heads beside each other.
///
/// The same weights always make the same bytes. Cells of one color are one path, so a drawing stays small.
public struct AttentionDrawing {
    private let trace: ModelTrace
    private let choice: HeadChoice
    private let names: [String]

    /// A drawing of a triangle of T x T cells for each selected head, queries as rows, keys as columns.
    ///
    /// - Parameters:
    ///   - trace: The model's run on a text.
    ///   - choice: The heads to draw.
    ///   - names: A visible name for each character of the text (``Vocabulary/visibleName(of:)``).
    public init(_ trace: ModelTrace, _ choice: HeadChoice, _ names: [String]) {
        self.trace = trace
        self.choice = choice
        self.names = names
    }

    /// From nothing to everything on white paper: lightness falls evenly, for eyes that tell few colors apart and for print.
    private static let colors = [
        "#e9f0f4", "#d8e6ee", "#c6dbe9", "#b1cee3", "#98c0db", "#7fafd2", "#679dc8", "#538bbd", "#4479b0", "#3a67a1",
        "#345692", "#304682", "#2e3772", "#2c2b66", "#2b215d", "#2a1853",
    ]

    private static let margin = 24.0

    /// The drawing as the text of an SVG file.
    public var svg: String {
        let isSingle = choice.layers.count * choice.heads.count == 1
        let cell = isSingle ? max(3, min(16, 760 / Double(names.count))) : max(1, min(6, 150 / Double(names.count)))
        let side = cell * Double(names.count)
        let (columns, rows) = (Double(choice.heads.count), Double(choice.layers.count))
        let (labels, gap) = (isSingle ? 22.0 : 18.0, 20.0)
        let width = max(2 * Self.margin + columns * (side + labels) + (columns - 1) * gap, 420)
        let height = 2 * Self.margin + 24 + rows * (side + labels) + (rows - 1) * gap + 44
        var parts = [opening(width, height), text(Self.margin, Self.margin + 8, title, size: 15, weight: "600")]
        for (row, layer) in choice.layers.enumerated() {
            for (column, head) in choice.heads.enumerated() {
                let x = Self.margin + Double(column) * (side + labels + gap) + (isSingle ? labels : 0)
                let y = Self.margin + 24 + Double(row) * (side + labels + gap) + labels
                if isSingle {
                    parts.append(axes(x, y, cell))
                } else {
                    parts.append(text(x, y - 5, "layer \(layer) head \(head)", size: 11))
                }
                parts.append(triangle(trace.weights(layer: layer, head: head), x, y, cell))
            }
        }
        parts.append(legend(Self.margin, height - Self.margin - 22))
        return parts.joined() + "</svg>\n"
    }

    private var title: String {
        let layer = choice.layer.map { "layer \($0)" } ?? "every layer"
        let head = choice.head.map { "head \($0)" } ?? "every head"
        return "Attention of \(layer), \(head)"
    }

    private func opening(_ width: Double, _ height: Double) -> String {
        let size =
            "width=\"\(number(width))\" height=\"\(number(height))\" viewBox=\"0 0 \(number(width)) \(number(height))\""
        return """
            <svg xmlns="http://www.w3.org/2000/svg" \(size) role="img" font-family="system-ui, Helvetica, Arial, sans-serif">
            <title>\(Self.escaped(title))</title>
            <desc>Each row is a character of the text, each column one that it may look at; the darker, the more it takes \
            from there. The text: \(Self.escaped(names.joined()))</desc>
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
    }

    /// The characters along both sides.
    private func axes(_ x: Double, _ y: Double, _ cell: Double) -> String {
        guard cell >= 7 else { return "" }
        let size = min(12, cell * 0.8)
        // There is no room for a code point.
        let signs = names.map { $0.unicodeScalars.count > 1 ? "\u{B7}" : $0 }
        return signs.enumerated().map { index, name in
            let at = (Double(index) + 0.5) * cell
            return text(x + at, y - 5, name, size: size, anchor: "middle", isCode: true)
                + text(x - 5, y + at + size * 0.35, name, size: size, anchor: "end", isCode: true)
        }.joined()
    }

    /// Runs of cells of the same color, all runs of a color in one path.
    private func triangle(_ weights: [[Float]], _ x: Double, _ y: Double, _ cell: Double) -> String {
        var paths = [String](repeating: "", count: Self.colors.count)
        for (query, row) in weights.enumerated() {
            var start = 0
            while start <= query {
                let level = Self.level(row[start])
                var end = start + 1
                while end <= query, Self.level(row[end]) == level { end += 1 }
                let (left, top) = (number(x + Double(start) * cell), number(y + Double(query) * cell))
                paths[level] += "M\(left) \(top)h\(number(Double(end - start) * cell))v\(number(cell))H\(left)z"
                start = end
            }
        }
        return zip(Self.colors, paths).filter { !$0.1.isEmpty }
            .map { "<path fill=\"\($0)\" d=\"\($1)\" shape-rendering=\"crispEdges\"/>\n" }.joined()
    }

    /// The square root brings out small weights.
    private static func level(_ weight: Float) -> Int {
        min(colors.count - 1, Int(max(0, weight).squareRoot() * Float(colors.count)))
    }

    private func legend(_ x: Double, _ y: Double) -> String {
        let step = 14.0
        let cells = Self.colors.enumerated().map { index, color in
            "<rect x=\"\(number(x + Double(index) * step))\" y=\"\(number(y))\" width=\"14\" height=\"10\" fill=\"\(color)\"/>\n"
        }
        let end = x + step * Double(Self.colors.count)
        return cells.joined() + text(x, y + 24, "0", size: 11)
            + text(x + step * 8, y + 24, "0.25", size: 11, anchor: "middle")
            + text(end, y + 24, "1", size: 11, anchor: "end") + text(end + 12, y + 9, "weight", size: 11)
    }

    private func text(
        _ x: Double, _ y: Double, _ text: String, size: Double, weight: String = "400", anchor: String = "start",
        isCode: Bool = false
    ) -> String {
        let family = isCode ? " font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\"" : ""
        return "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\" font-weight=\"\(weight)\" "
            + "text-anchor=\"\(anchor)\" fill=\"#1d2126\"\(family)>\(Self.escaped(text))</text>\n"
    }

    /// At most two decimals, written the same everywhere.
    private func number(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        guard rest > 0 else { return "\(whole)" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole)." + (rest < 10 ? "0" : "") + "\(rest)"
    }

    /// A text that XML can hold: marks escaped, and what XML 1.0 forbids left out.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n", "\r", " "..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                result.unicodeScalars.append(scalar)
            default: result += "\u{FFFD}"
            }
        }
        return result
    }
}
