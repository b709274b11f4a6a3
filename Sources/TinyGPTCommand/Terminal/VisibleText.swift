import TinyGPT

/// Characters as a terminal can show each of them in one column.
enum VisibleText {
    /// One column for a character: spaces and line breaks get a sign, what is not one column wide gets a dot.
    static func sign(_ character: Unicode.Scalar, _ style: TerminalStyle) -> String {
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

    /// A text in one line.
    static func oneLine(_ text: String, _ style: TerminalStyle) -> String {
        text.unicodeScalars.map { $0 == " " ? " " : sign($0, style) }.joined()
    }
}
