import Foundation

/// What a stream can show: colours, how many, how wide, which characters.
///
/// Made of plain values, so that every combination can be tried without a terminal.
struct TerminalStyle: Sendable, Equatable {
    /// How many colours there are.
    enum ColorDepth: Sendable {
        case none
        case sixteen
        case twoHundredFiftySix
        case trueColor
    }

    /// What the user asks for with `--color`.
    enum ColorChoice: String, Sendable, CaseIterable {
        case always
        case never
        case auto
    }

    /// Whether a person looks at it.
    let isTerminal: Bool
    /// Whether a line can be drawn again over itself; a dumb terminal only ever goes on.
    let canRedraw: Bool
    /// Colours to use.
    let depth: ColorDepth
    /// Whether bold and dim may be used; `NO_COLOR` leaves them.
    let hasEmphasis: Bool
    /// Columns.
    let width: Int
    /// Whether characters outside ASCII arrive as they are.
    let isUTF8: Bool

    /// Decides on a style.
    ///
    /// On colour the first of these decides: the user's choice, `NO_COLOR`, `FORCE_COLOR` or `CLICOLOR_FORCE`, and whether the
    /// stream is a terminal that is not dumb (no-color.org, bixense.com/clicolors). An empty variable counts as absent.
    ///
    /// - Parameters:
    ///   - environment: Variables by name.
    ///   - isTerminal: Whether the stream is one.
    ///   - measuredWidth: Columns according to the terminal, if it told.
    ///   - choice: From the command line.
    init(
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
    ///   - arguments: Of a command that takes `--color` and `--no-color`.
    init(descriptor: Int32, arguments: ParsedArguments) {
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let choice = arguments.text("color").flatMap(ColorChoice.init) ?? .auto
        self.init(
            environment: ProcessInfo.processInfo.environment,
            isTerminal: isatty(descriptor) == 1,
            measuredWidth: isKnown ? Int(size.ws_col) : nil,
            choice: arguments.flag("no-color") ? .never : choice)
    }
}
