import TinyGPT

/// The pieces that drawings are made of. Colors are classes, so that a drawing is light or dark like the page around it.
enum SVG {
    /// The whole text of a file.
    ///
    /// - Parameters:
    ///   - title: What the drawing shows; it stands at the top, too.
    ///   - width: In pixels.
    ///   - height: In pixels, 40 of them for the title.
    ///   - parts: Elements, in the order in which they are drawn.
    /// - Returns: The text.
    static func document(_ title: String, width: Double, height: Double, _ parts: [String]) -> String {
        let size = "\(width.fixed(0)) \(height.fixed(0))"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width.fixed(0))" height="\(height.fixed(0))" \
            viewBox="0 0 \(size)" role="img" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12">
            <title>\(AttentionDrawing.escaped(title))</title>
            <style>\(style)</style>
            <rect width="100%" height="100%" class="paper"/>
            \(text(20, 24, title, size: 15))\(parts.joined())</svg>

            """
    }

    /// A text; `anchor` is `start`, `middle` or `end`.
    static func text(
        _ x: Double, _ y: Double, _ text: String, anchor: String = "start", size: Double = 12, color: String = "ink"
    ) -> String {
        "<text x=\"\(x.fixed(1))\" y=\"\(y.fixed(1))\" text-anchor=\"\(anchor)\" font-size=\"\(size.fixed(1))\" "
            + "class=\"\(color)\">\(AttentionDrawing.escaped(text))</text>\n"
    }

    /// A line through points; `color` is `grid`, or `line0` and so on.
    static func line(_ points: [(x: Double, y: Double)], _ color: String) -> String {
        let path = points.map { "\($0.x.fixed(1)) \($0.y.fixed(1))" }.joined(separator: "L")
        return "<path d=\"M\(path)\" class=\"\(color)\"/>\n"
    }

    /// Lines that can be told apart.
    static let lineColors = 4

    private static let style = """
        .paper{fill:#fff}.ink{fill:#1d2126}.grid{stroke:#d5dae0}
        .line0,.line1,.line2,.line3{fill:none;stroke-width:2}
        .line0{stroke:#0b69c7}.line1{stroke:#b45309}.line2{stroke:#15803d}.line3{stroke:#9333ea}
        .name0{fill:#0b69c7}.name1{fill:#b45309}.name2{fill:#15803d}.name3{fill:#9333ea}
        .cell{fill:#1d4ed8}
        @media(prefers-color-scheme:dark){.paper{fill:#15181c}.ink{fill:#e4e7eb}.grid{stroke:#3a414a}
        .line0{stroke:#6cb2ff}.line1{stroke:#f5a95b}.line2{stroke:#6fd08c}.line3{stroke:#cd9bff}
        .name0{fill:#6cb2ff}.name1{fill:#f5a95b}.name2{fill:#6fd08c}.name3{fill:#cd9bff}
        .cell{fill:#8ab4ff}}
        """
}
