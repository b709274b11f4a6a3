import Console

/// Numbers from 0 to 1 as cells, with the names of rows in front of them and those of columns above.
struct HeatMap {
    private let rows: [[Float]]
    private let names: [String]
    private let columns: [String]

    init(_ rows: [[Float]], names: [String], columns: [String]) {
        (self.rows, self.names, self.columns) = (rows, names, columns)
    }

    /// The map for a terminal; cells are as wide as the longest name of a column.
    func text(_ style: TerminalStyle) -> String {
        let scale = HeatScale(style)
        let margin = (names.map { VisibleText.columns(of: $0) }.max() ?? -1) + 1
        let width = columns.map { VisibleText.columns(of: $0) }.max() ?? 1
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: width - VisibleText.columns(of: text))
        }
        let gap = width > 1 ? " " : ""
        var lines: [String] = []
        if !columns.isEmpty {
            let heads = columns.map { padded($0, width) }.joined(separator: gap)
            lines.append(String(repeating: " ", count: margin) + heads)
        }
        for (index, row) in rows.enumerated() {
            let name = index < names.count ? names[index] : ""
            let cells = row.map { scale.cells(repeatElement($0, count: width)) }.joined(separator: gap)
            lines.append(padded(name, margin) + cells)
        }
        return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) + "\n" }.joined()
    }

    /// The map as the text of an SVG file; the square root brings out small numbers, as in a terminal.
    func svg(title: String) -> String {
        let cell = max(8, min(28, 640 / Double(max(rows.count, rows.first?.count ?? 0, 1))))
        let size = min(13, cell * 0.7)
        let left = 20 + size * 0.7 * Double(names.map(\.count).max() ?? 0)
        let top = 50 + size * (columns.contains { $0.count > 2 } ? 0.7 * Double(columns.map(\.count).max() ?? 0) : 1)
        var parts: [String] = []
        for (index, name) in names.enumerated() {
            parts.append(
                SVG.text(left - 6, top + (Double(index) + 0.5) * cell + size * 0.35, name, anchor: "end", size: size))
        }
        for (index, name) in columns.enumerated() {
            let x = left + (Double(index) + 0.5) * cell
            let label = SVG.text(x, top - 6, name, anchor: name.count > 2 ? "start" : "middle", size: size)
            parts.append(
                name.count > 2
                    ? "<g transform=\"rotate(-60 \(x.fixed(1)) \((top - 6).fixed(1)))\">\(label)</g>\n" : label)
        }
        for (row, values) in rows.enumerated() {
            for (column, value) in values.enumerated() where value > 0 {
                parts.append(
                    "<rect x=\"\((left + Double(column) * cell).fixed(1))\" y=\"\((top + Double(row) * cell).fixed(1))\" "
                        + "width=\"\(cell.fixed(1))\" height=\"\(cell.fixed(1))\" class=\"cell\" "
                        + "fill-opacity=\"\(min(1, value).squareRoot().fixed(3))\"/>\n")
            }
        }
        let (width, height) = (Double(rows.first?.count ?? 0) * cell, Double(rows.count) * cell)
        return SVG.document(title, width: max(320, left + width + 20), height: top + height + 20, parts)
    }
}
