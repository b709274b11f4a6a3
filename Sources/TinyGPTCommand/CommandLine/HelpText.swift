import Foundation

/// The help of the program and of its commands, made from their declarations.
enum HelpText {
    /// The version of the program.
    static let version = "0.1.0"

    /// The signals that stop the program cleanly; a shell reports the end of a process by a signal as 128 and its number.
    private static let signals: [(number: Int32, name: String)] = [
        (SIGHUP, "SIGHUP"), (SIGINT, "Ctrl-C"), (SIGTERM, "SIGTERM"),
    ]

    /// The text printed when the program is called without arguments.
    static func short(_ commands: [any Command]) -> String {
        let names = "Commands: " + commands.map(\.declaration.name).joined(separator: ", ")
        return """
            tinygpt trains a small character-level GPT on any text, on this computer's CPU.

              tinygpt train                      train on data/shakespeare.txt
              tinygpt sample --prompt "ROMEO:"   continue a text with the newest run

            \(TextLayout.wrap(names).joined(separator: "\n"))
            See 'tinygpt --help' for an overview and 'tinygpt COMMAND --help' for details.

            """
    }

    /// The help of the whole program.
    static func program(_ commands: [any Command]) -> String {
        let examples = [
            (left: "tinygpt train", right: "train on data/shakespeare.txt"),
            (left: "tinygpt sample --prompt \"ROMEO:\"", right: "continue a text with the newest run"),
            (left: "tinygpt help train", right: "everything about one command"),
        ]
        let commandRows = commands.map { (left: $0.declaration.name, right: $0.declaration.summary) }
        let optionRows = [
            (left: "-h, --help", right: "Print help; also works after any command"),
            (left: "--version", right: "Print the version"),
        ]
        let exitRows = ExitCode.allCases.map { (left: String($0.rawValue), right: $0.meaning) }
        let signalRows = signals.map { number, name in
            (left: String(128 + number), right: "stopped by \(name), everything saved")
        }
        return """
            Usage: tinygpt COMMAND [options]

            tinygpt trains a small character-level GPT on any text, on this computer's CPU,
            samples from it, and shows what its attention heads look at.

            Examples:
            \(TextLayout.columns(examples, at: 37))
            Commands:
            \(TextLayout.columns(commandRows, at: 14))
            Options:
            \(TextLayout.columns(optionRows, at: 14))
            Exit codes:
            \(TextLayout.columns(exitRows + signalRows, at: 14))
            """
    }

    /// The help of one command.
    static func command(_ declaration: CommandDeclaration) -> String {
        let usage = declaration.positionals.map(\.synopsis) + requiredOptions(declaration) + ["[options]"]
        var sections = ["Usage: tinygpt \(declaration.name) \(usage.joined(separator: " "))\n"]
        sections.append(TextLayout.wrap(declaration.description).joined(separator: "\n") + "\n")

        let examples = declaration.examples.map { (left: $0.line, right: $0.meaning) }
        let exampleColumn = TextLayout.column(for: examples.map(\.left), limit: 50)
        sections.append("Examples:\n" + TextLayout.columns(examples, at: exampleColumn))

        let terms = declaration.positionals.map(\.synopsis) + declaration.options.map(\.synopsis)
        let column = TextLayout.column(for: terms, limit: 30)
        if !declaration.positionals.isEmpty {
            let rows = declaration.positionals.map {
                (left: $0.synopsis, right: meaning($0.help, default: $0.defaultText))
            }
            sections.append("Arguments:\n" + TextLayout.columns(rows, at: column))
        }
        for group in declaration.groups {
            let rows = group.options.map { (left: $0.synopsis, right: meaning($0.help, default: $0.defaultText)) }
            sections.append("\(group.heading):\n" + TextLayout.columns(rows, at: column))
        }
        return sections.joined(separator: "\n")
    }

    private static func requiredOptions(_ declaration: CommandDeclaration) -> [String] {
        declaration.options.filter(\.isRequired).map { "\($0.longName) \($0.placeholder ?? "")" }
    }

    /// A short default stays on one line.
    private static func meaning(_ help: String, default defaultText: String?) -> String {
        guard let defaultText else { return help }
        let remark = "(default: \(defaultText))"
        return help + " " + (remark.count <= 30 ? TextLayout.unbreakable(remark) : remark)
    }
}
