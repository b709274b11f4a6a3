import TinyGPT

/// The manual page of a program, made from the declarations of its commands, in mdoc(7).
struct ManualPage {
    private let program: Program
    private let commands: [CommandDeclaration]

    init(_ tool: CommandLineTool) {
        program = tool.program
        commands = tool.commands.map(\.declaration)
    }

    /// The page.
    var text: String {
        let own = ProgramOptions.declaration(program.noun).options
        let common = OptionGroup("", CommonOptions.output).options
        let sections = [
            heading, Self.section("DESCRIPTION", description),
            Self.section(
                "OPTIONS", Self.list(own) + [".Pp"] + Self.text("Every \(program.noun) takes:") + Self.list(common)),
            Self.section("\(program.noun.uppercased())S", commands.flatMap(lines)),
            Self.section("ENVIRONMENT", Self.tagged("Ev", Self.environment + program.environment)),
            Self.section("FILES", Self.tagged("Pa", program.files)), Self.section("EXIT STATUS", exitCodes),
            Self.section("EXAMPLES", Self.tagged("Ic", commands.flatMap(\.examples))),
        ]
        return sections.joined().joined(separator: "\n") + "\n"
    }

    private static let environment = [
        Example("NO_COLOR", "No colors, unless --color says otherwise"),
        Example("FORCE_COLOR", "Colors also where the output is no terminal"),
    ]

    private var heading: [String] {
        [
            ".Dd \(Program.day)", ".Dt \(program.name.uppercased()) 1", ".Os", ".Sh NAME", ".Nm \(program.name)",
            ".Nd \(program.summary)", ".Sh SYNOPSIS", ".Nm", ".Ar \(program.placeholder)", ".Op Ar argument ...",
            ".Op Ar options",
        ]
    }

    private var description: [String] {
        [".Nm"] + Self.text("\(program.summary)\(program.details).") + [".Pp"]
            + Self.text("Options and arguments of a \(program.noun) can stand in any order after its name.")
    }

    private func lines(_ command: CommandDeclaration) -> [String] {
        let common = Set(CommonOptions.output.map(\.declaration.name))
        var lines = [".Ss \(command.name)", ".D1 " + synopsis(command), ".Pp"] + Self.text(command.description)
        if !command.positionals.isEmpty {
            let rows = command.positionals.map { (".It Ar " + $0.name, Self.meaning($0.help, $0.defaultText)) }
            lines += Self.list(rows)
        }
        for group in command.groups {
            let options = group.options.filter { !common.contains($0.name) }
            if options.isEmpty { continue }
            lines += [".Pp"] + Self.text("\(group.heading):") + Self.list(options)
        }
        return lines
    }

    private func synopsis(_ command: CommandDeclaration) -> String {
        let arguments = command.positionals.map { positional in
            let argument = "Ar \(positional.name)" + (positional.isRepeated ? " ..." : "")
            return positional.defaultText == nil ? argument : "Oo \(argument) Oc"
        }
        let required = command.options.filter(\.isRequired).map(Self.tag)
        return (["Nm \(program.name)", "Cm \(command.name)"] + arguments + required + ["Op Ar options"])
            .joined(separator: " ")
    }

    private var exitCodes: [String] {
        Self.list(program.exitCodes.map { (".It \($0.line)", $0.meaning) })
    }
}

/// Lines of mdoc.
extension ManualPage {
    private static func section(_ name: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : [".Sh \(name)"] + lines
    }

    private static func tagged(_ macro: String, _ rows: [Example]) -> [String] {
        rows.isEmpty ? [] : list(rows.map { (".It \(macro) " + words($0.line), $0.meaning) })
    }

    private static func list(_ options: [OptionDeclaration]) -> [String] {
        list(options.map { (".It " + tag($0), meaning($0.help, $0.defaultText)) })
    }

    /// Tags, each with a sentence below.
    private static func list(_ rows: [(tag: String, meaning: String)]) -> [String] {
        let lines = rows.flatMap { row in
            [row.tag] + text(row.meaning.prefix(1).uppercased() + row.meaning.dropFirst() + ".")
        }
        return [".Bl -tag -width Ds"] + lines + [".El"]
    }

    private static func tag(_ option: OptionDeclaration) -> String {
        let names = (option.short.map { "Fl \($0) , " } ?? "") + "Fl -\(words(option.name))"
        guard let placeholder = option.placeholder else { return names }
        if case .optionalText = option.kind { return names + " Op Ar \(placeholder)" }
        return names + " Ar \(placeholder)"
    }

    private static func meaning(_ help: String, _ defaultText: String?) -> String {
        defaultText.map { "\(help) (default: \($0))" } ?? help
    }

    /// Running text: sentences on lines of their own, as mdoc wants them, none longer than 78 columns.
    private static func text(_ text: String) -> [String] {
        var sentences: [String] = [""]
        for word in text.split(separator: " ") {
            sentences[sentences.count - 1] += sentences.last!.isEmpty ? word : " " + word
            if word.hasSuffix(".") { sentences.append("") }
        }
        return sentences.filter { !$0.isEmpty }.flatMap { TextLayout.wrap($0, width: 76) }.map { line in
            let safe = escaped(line)
            return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
        }
    }

    /// With dashes that stay dashes and backslashes that are no escapes.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("--", with: "\\-\\-")
    }

    /// Words in a line with a macro, none of which is taken for another one.
    private static func words(_ text: String) -> String {
        text.split(separator: " ").map { "\\&" + escaped(String($0)).replacing("\"", with: "\\(dq") }
            .joined(separator: " ")
    }
}
