import TinyGPT

/// Options that commands share.
package enum CommonOptions {
    package static let help = Flag("help", short: "h", "Print this help")

    package static let color = Option<TerminalStyle.ColorChoice>(
        "color", "Use colors; auto follows NO_COLOR, FORCE_COLOR and the terminal"
    ).or(.auto)

    package static let noColor = Flag("no-color", "Same as --color never")

    package static let quiet = Flag("quiet", short: "q", "Suppress progress and notices; print only results and errors")

    /// The options of every command's output.
    package static let output: [any OptionKey] = [color, noColor, quiet, help]

    /// The pairs among ``output`` that contradict each other.
    package static let exclusive: [[any OptionKey]] = [[color, noColor]]
}

extension TerminalStyle {
    /// The style of a stream of this process, for a command with the common output options.
    package init(descriptor: Int32, _ arguments: ParsedArguments) {
        self.init(
            descriptor: descriptor,
            choice: arguments[CommonOptions.noColor] ? .never : arguments[CommonOptions.color])
    }
}
