import TinyGPT

/// `tinygpt help [COMMAND]`.
package struct HelpCommand: Command {
    package let declaration: CommandDeclaration
    private let tool: @Sendable () -> CommandLineTool

    /// The help command of a program.
    ///
    /// - Parameters:
    ///   - noun: What the program's commands are called.
    ///   - example: A use of it.
    ///   - tool: The program with all its commands, this one included.
    package init(about noun: String = "command", example: Example, _ tool: @escaping @Sendable () -> CommandLineTool) {
        let placeholder = noun.uppercased()
        declaration = CommandDeclaration(
            name: "help",
            summary: "Show help for the program or for a \(noun)",
            description: "Prints the help for the program, or for \(placeholder).",
            examples: [example],
            positionals: [
                Positional(
                    placeholder, "\(noun.prefix(1).uppercased() + noun.dropFirst()) to show help for",
                    default: "the whole program")
            ],
            groups: [OptionGroup("Options", [CommonOptions.help])])
        self.tool = tool
    }

    package func run(_ arguments: ParsedArguments) throws {
        try StandardStreams.output.write(Self.text(about: arguments.positionals.first, tool()))
    }

    /// The help that was asked for.
    ///
    /// - Throws: `UsageError` for an unknown command.
    static func text(about name: String?, _ tool: CommandLineTool) throws -> String {
        let help = HelpText(tool)
        guard let name else { return help.long }
        guard let command = tool.commands.first(where: { $0.declaration.name == name }) else {
            throw CommandFinder(tool).unknown(name)
        }
        return help.command(command.declaration)
    }
}
