/// The colours that every terminal with colours has.
enum TerminalColor: Int, Sendable {
    case red = 31
    case green
    case yellow
    case blue
    case magenta
    case cyan
}

extension TerminalStyle {
    /// Text in a colour, where there are colours.
    func paint(_ text: String, _ color: TerminalColor) -> String {
        depth == .none ? text : Self.escaped(text, color.rawValue)
    }

    /// Bold text, where there is bold.
    func bold(_ text: String) -> String {
        hasEmphasis ? Self.escaped(text, 1) : text
    }

    /// Text that steps back, where it can.
    func dim(_ text: String) -> String {
        hasEmphasis ? Self.escaped(text, 2) : text
    }

    private static func escaped(_ text: String, _ code: Int) -> String {
        "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// The beginning of `text` that fills at most `columns` columns, a column for each character.
    ///
    /// Escape sequences take no column and are all kept, so that a colour begun is also ended.
    static func cut(_ text: String, to columns: Int) -> String {
        var result = ""
        var room = columns
        var isInEscape = false
        for character in text {
            if isInEscape || character == "\u{1B}" {
                isInEscape = !(isInEscape && character.isLetter)
                result.append(character)
            } else if room > 0 {
                room -= 1
                result.append(character)
            }
        }
        return result
    }
}
