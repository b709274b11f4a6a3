/// The help of a program and of its commands, made from their declarations.
struct HelpText {
    private let program: Program
    private let commands: [any Command]

    init(_ tool: CommandLineTool) {
        program = tool.program
        commands = tool.commands
    }

    /// The column at which the meanings of a program's examples begin.
    private static let exampleColumn = 37

    /// The text printed when the program is called without arguments.
    var short: String {
        let names = TextLayout.wrap("\(heading): " + commands.map(\.declaration.name).joined(separator: ", "))
        let list = program.explainsCommands ? "\(heading):\n" + commandRows : names.joined(separator: "\n") + "\n"
        let firstSteps = Self.rows(program.firstSteps)
        return """
            \(program.name) \(program.summary).

            \(firstSteps.isEmpty ? "" : firstSteps + "\n")\(list)\(program.explainsCommands ? "\n" : "")\
            See '\(program.name) --help' for an overview and '\(program.name) \(placeholder) --help' for details.

            """
    }

    /// The help of the whole program.
    var long: String {
        let optionRows = ProgramOptions.declaration(program.noun).options.map { (left: $0.synopsis, right: $0.help) }
        let exitRows = program.exitCodes.map { (left: $0.line, right: $0.meaning) }
        let sentence = TextLayout.wrap("\(program.name) \(program.summary)\(program.details).")
        return """
            Usage: \(program.name) \(placeholder) [options]

            \(sentence.joined(separator: "\n"))

            Examples:
            \(Self.rows(program.examples))
            \(heading):
            \(commandRows)
            Options:
            \(TextLayout.columns(optionRows, at: 14))
            Exit codes:
            \(TextLayout.columns(exitRows, at: 14))
            """
    }

    /// The help of one command.
    func command(_ declaration: CommandDeclaration) -> String {
        let usage = declaration.positionals.map(\.synopsis) + Self.requiredOptions(declaration) + ["[options]"]
        var sections = ["Usage: \(program.name) \(declaration.name) \(usage.joined(separator: " "))\n"]
        sections.append(TextLayout.wrap(declaration.description).joined(separator: "\n") + "\n")

        let examples = declaration.examples.map { (left: $0.line, right: $0.meaning) }
        let exampleColumn = TextLayout.column(for: examples.map(\.left), limit: 50)
        sections.append("Examples:\n" + TextLayout.columns(examples, at: exampleColumn))

        let terms = declaration.positionals.map(\.synopsis) + declaration.options.map(\.synopsis)
        let column = TextLayout.column(for: terms, limit: 30)
        if !declaration.positionals.isEmpty {
            let rows = declaration.positionals.map {
                (left: $0.synopsis, right: Self.meaning($0.help, default: $0.defaultText))
            }
            sections.append("Arguments:\n" + TextLayout.columns(rows, at: column))
        }
        for group in declaration.groups {
            let rows = group.options.map { (left: $0.synopsis, right: Self.meaning($0.help, default: $0.defaultText)) }
            sections.append("\(group.heading):\n" + TextLayout.columns(rows, at: column))
        }
        return sections.joined(separator: "\n")
    }

    /// "Commands".
    private var heading: String { program.noun.prefix(1).uppercased() + program.noun.dropFirst() + "s" }

    private var placeholder: String { program.placeholder }

    private var commandRows: String {
        TextLayout.columns(commands.map { (left: $0.declaration.name, right: $0.declaration.summary) }, at: 14)
    }

    private static func rows(_ examples: [Example]) -> String {
        TextLayout.columns(examples.map { (left: $0.line, right: $0.meaning) }, at: exampleColumn)
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
