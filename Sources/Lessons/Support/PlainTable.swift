import Console

/// A table in plain text, two blanks between columns.
struct PlainTable {
    let text: String

    /// Lays out rows as wide as the headings.
    init(_ headings: [String], _ rows: [[String]]) {
        let widths = headings.indices.map { column in
            ([headings] + rows).map { VisibleText.columns(of: $0[column]) }.max() ?? 0
        }
        let isNumeric = headings.indices.map { column in rows.allSatisfy { Self.isNumber($0[column]) } }
        let lines = ([headings] + rows).map { row in
            let cells = row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - VisibleText.columns(of: row[column]))
                return isNumeric[column] ? blanks + row[column] : row[column] + blanks
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }
        text = lines.joined()
    }

    /// Whether a cell is a number, maybe with a unit or a percent sign right after it, or empty.
    private static func isNumber(_ cell: String) -> Bool {
        guard let first = cell.drop(while: { "+-−.".contains($0) }).first else { return true }
        return first.isNumber
    }
}
