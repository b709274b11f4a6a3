extension Unicode.Scalar {
    /// Whether a terminal obeys it instead of showing it: a control character, a line or paragraph separator, or a mark of the
    /// direction of writing.
    package var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}

/// Foreign texts in messages. All of it goes by scalars: a combining mark would make another character of what is before it.
extension StringProtocol {
    /// The text on one line, with escapes such as `\n` and `\u{1B}` for what a terminal obeys.
    package var inOneLine: String {
        guard unicodeScalars.contains(where: \.isControl) else { return String(self) }
        return mapScalars { $0.isControl ? $0.escaped(asASCII: true) : nil }
    }

    /// With other texts in place of some scalars.
    package func mapScalars(_ replacement: (Unicode.Scalar) -> String?) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let other = replacement(scalar) {
                result.append(contentsOf: other.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// The text on one line between quotes: a path or an argument in a message.
    package var quoted: String { "'\(inOneLine)'" }

    /// The beginning of a text from a file on one line, as it can stand in a message: at most 80 characters.
    package var excerpt: String {
        let shown = 80
        let beginning = String(String.UnicodeScalarView(unicodeScalars.prefix(shown)))
        return beginning.inOneLine + (unicodeScalars.dropFirst(shown).isEmpty ? "" : "…")
    }
}
