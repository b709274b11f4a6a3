import TinyGPT

/// Characters as a terminal can show each of them in one column.
package enum VisibleText {
    /// One column for a character: spaces and line breaks get a sign, what is not one column wide gets a dot.
    package static func sign(_ character: Unicode.Scalar, _ style: TerminalStyle) -> String {
        switch character {
        case " ": style.isUTF8 ? "\u{2423}" : "_"
        case "\n": style.isUTF8 ? "\u{23CE}" : "$"
        case "\t": style.isUTF8 ? "\u{21E5}" : ">"
        case "!"..."~": String(character)
        case "\u{A1}"..."\u{2FF}", "\u{370}"..."\u{482}", "\u{48A}"..."\u{52F}":
            // Latin, Greek and Cyrillic letters are one column wide.
            style.isUTF8 ? String(character) : "?"
        case "\u{2010}"..."\u{2027}": style.isUTF8 ? String(character) : "?"
        default: style.isUTF8 ? "\u{B7}" : "?"
        }
    }

    /// The columns that a terminal needs for a text on one line: none for combining marks and joiners, two for what is wide in
    /// East Asian fonts (UAX 11), and for emoji.
    package static func columns(of text: String) -> Int {
        text.reduce(0) { $0 + (columns(of: $1)) }
    }

    private static func columns(of character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if first.isASCII { return 1 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        return switch first {
        case "\u{1100}"..."\u{115F}", "\u{2E80}"..."\u{303E}", "\u{3041}"..."\u{A4CF}", "\u{AC00}"..."\u{D7A3}",
            "\u{F900}"..."\u{FAFF}", "\u{FE30}"..."\u{FE6F}", "\u{FF00}"..."\u{FF60}", "\u{FFE0}"..."\u{FFE6}",
            "\u{20000}"..."\u{3FFFD}":
            2
        default: first.properties.isEmojiPresentation ? 2 : 1
        }
    }

    /// The first lines of a text, each of at most so many columns, broken between words where there are any.
    ///
    /// - Parameters:
    ///   - text: A text without control characters but line breaks and tabs (`withVisibleControls`).
    ///   - width: Columns, at least two.
    ///   - count: The most lines.
    ///   - style: That of the terminal.
    /// - Returns: The lines, with a question mark for what the terminal cannot show.
    package static func wrapped(_ text: String, to width: Int, count: Int, _ style: TerminalStyle) -> [String] {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where lines.count < count {
            var (part, used): ([Character], Int) = ([], 0)
            for character in line {
                let shown = style.isUTF8 || character.isASCII ? (character == "\t" ? " " : character) : "?"
                used += columns(of: shown)
                part.append(shown)
                guard used > width else { continue }
                let end = part.lastIndex(of: " ").map { $0 + 1 } ?? part.count - 1
                lines.append(String(part[..<end]))
                part.removeFirst(end)
                used = columns(of: String(part))
            }
            lines.append(String(part))
        }
        return Array(lines.prefix(count))
    }

    /// A text in one line.
    package static func oneLine(_ text: String, _ style: TerminalStyle) -> String {
        text.unicodeScalars.map { $0 == " " ? " " : sign($0, style) }.joined()
    }
}
