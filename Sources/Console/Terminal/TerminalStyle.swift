import Foundation

/// What a stream can show: colors, how many, how wide, which characters.
///
/// Made of plain values, so that every combination can be tried without a terminal.
package struct TerminalStyle: Sendable, Equatable {
    /// How many colors there are.
    package enum ColorDepth: Sendable {
        case none
        case sixteen
        case twoHundredFiftySix
        case trueColor
    }

    /// The choice of `--color`.
    package enum ColorChoice: String, Sendable, CaseIterable {
        case always
        case never
        case auto
    }

    /// Whether the stream is a terminal.
    package let isTerminal: Bool
    /// Whether a line can be drawn again over itself; a dumb terminal only appends.
    package let canRedraw: Bool
    /// Colors to use.
    package let depth: ColorDepth
    /// Whether bold and dim may be used; `NO_COLOR` leaves them.
    package let hasEmphasis: Bool
    /// Columns.
    package let width: Int
    /// Whether characters outside ASCII arrive as they are.
    package let isUTF8: Bool
    /// Whether there are braille characters; the fonts of Linux's own console have none.
    package let hasBraille: Bool

    /// Decides on a style.
    ///
    /// On color the first of these decides: the user's choice, `NO_COLOR`, `FORCE_COLOR` or `CLICOLOR_FORCE`, and whether the
    /// stream is a terminal that is not dumb (no-color.org, bixense.com/clicolors). An empty variable counts as absent.
    ///
    /// - Parameters:
    ///   - environment: Variables by name.
    ///   - isTerminal: Whether the stream is one.
    ///   - measuredWidth: The terminal's columns, if known.
    ///   - choice: From the command line.
    package init(
        environment: [String: String], isTerminal: Bool, measuredWidth: Int? = nil, choice: ColorChoice = .auto
    ) {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let isForced = variable("FORCE_COLOR") != nil || variable("CLICOLOR_FORCE") != nil
        let terminalType = variable("TERM") ?? "dumb"
        let isAble = isTerminal && terminalType != "dumb" && terminalType != "unknown"

        self.isTerminal = isTerminal
        canRedraw = isAble
        (hasEmphasis, depth) =
            switch choice {
            case .always: (true, Self.depth(variable("COLORTERM"), terminalType))
            case .never: (false, .none)
            case .auto where variable("NO_COLOR") != nil: (isAble, .none)
            case .auto where isForced || isAble: (true, Self.depth(variable("COLORTERM"), terminalType))
            case .auto: (false, .none)
            }
        width = variable("COLUMNS").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? measuredWidth ?? 80
        let locale = variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? ""
        isUTF8 = ["utf-8", "utf8"].contains(where: locale.lowercased().contains)
        hasBraille = isUTF8 && terminalType != "linux"
    }

    private static func depth(_ colorTerm: String?, _ terminalType: String) -> ColorDepth {
        if colorTerm == "truecolor" || colorTerm == "24bit" { return .trueColor }
        return terminalType.hasSuffix("256color") ? .twoHundredFiftySix : .sixteen
    }
}

extension TerminalStyle {
    /// The style of a stream of this process.
    ///
    /// - Parameters:
    ///   - descriptor: `STDOUT_FILENO` or `STDERR_FILENO`.
    ///   - choice: From the command line.
    package init(descriptor: Int32, choice: ColorChoice) {
        self.init(
            environment: ProcessInfo.processInfo.environment, isTerminal: isatty(descriptor) == 1,
            measuredWidth: TerminalSize(descriptor: descriptor)?.columns, choice: choice)
    }
}

extension TerminalStyle {
    /// Green text, where there are colors.
    package func green(_ text: String) -> String { depth == .none ? text : Self.escaped(text, 32) }

    /// Cyan text, where there are colors.
    package func cyan(_ text: String) -> String { depth == .none ? text : Self.escaped(text, 36) }

    /// Magenta text, where there are colors.
    package func magenta(_ text: String) -> String { depth == .none ? text : Self.escaped(text, 35) }

    /// Bold text, where there is bold.
    package func bold(_ text: String) -> String {
        hasEmphasis ? Self.escaped(text, 1) : text
    }

    /// Underlined text, where there is bold.
    package func underlined(_ text: String) -> String { hasEmphasis ? Self.escaped(text, 4) : text }

    /// Text that steps back, where it can.
    package func dim(_ text: String) -> String {
        hasEmphasis ? Self.escaped(text, 2) : text
    }

    private static func escaped(_ text: String, _ code: Int) -> String {
        "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// The beginning of `text` that fills at most `columns` columns, a column for each character.
    ///
    /// Escape sequences take no column and are all kept, so that a color begun is also ended.
    package static func cut(_ text: String, to columns: Int) -> String {
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
