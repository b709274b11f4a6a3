/// Plain text set to a width.
package enum TextLayout {
    /// Columns that help is set to: the narrowest terminal in use.
    package static let width = 80

    /// Breaks a text between words so that every line fits `width`; a longer word stands alone.
    package static func wrap(_ text: String, width: Int = width) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.map { $0.replacing(noBreakSpace, with: " ") }
    }

    /// A text that `wrap` leaves in one piece.
    package static func unbreakable(_ text: String) -> String {
        text.replacing(" ", with: noBreakSpace)
    }

    private static let noBreakSpace = "\u{A0}"

    /// Terms to the left and what they mean to the right, wrapped.
    ///
    /// - Parameters:
    ///   - rows: Left and right text of each row.
    ///   - column: Where the right text begins; a longer term has a line of its own.
    /// - Returns: Lines, each with its line break.
    package static func columns(_ rows: [(left: String, right: String)], at column: Int) -> String {
        rows.map { row in
            let left = "  " + row.left
            let right = wrap(row.right, width: width - column)
            let margin = String(repeating: " ", count: column)
            guard left.count + 2 <= column, let first = right.first else {
                return ([left] + right.map { margin + $0 }).joined(separator: "\n") + "\n"
            }
            let filled = left + String(repeating: " ", count: column - left.count) + first
            return ([filled] + right.dropFirst().map { margin + $0 }).joined(separator: "\n") + "\n"
        }
        .joined()
    }

    /// The column at which the right texts begin when all terms fit, but at most `limit`.
    package static func column(for terms: [String], limit: Int) -> Int {
        min(limit, (terms.map(\.count).max() ?? 0) + 4)
    }
}
