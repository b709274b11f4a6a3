/// `tinygpt help [COMMAND]`.
struct HelpCommand: Command {
    /// All commands, this one included.
    let commands: @Sendable () -> [any Command]

    var declaration: CommandDeclaration { Self.declaration }

    private static let declaration = CommandDeclaration(
        name: "help",
        summary: "Show help for the program or for a command",
        description: "Prints the help for the program, or for COMMAND.",
        examples: [Example("tinygpt help train", "everything about training")],
        positionals: [Positional("COMMAND", "Command to show help for", default: "the whole program")],
        groups: [OptionGroup("Options", [CommonOptions.help])])

    func run(_ arguments: ParsedArguments) throws {
        try StandardStreams.output.write(Self.text(about: arguments.positionals.first, commands()))
    }

    /// The help that was asked for.
    ///
    /// - Throws: `UsageError` for an unknown command.
    static func text(about name: String?, _ commands: [any Command]) throws -> String {
        guard let name else { return HelpText.program(commands) }
        let names = commands.map(\.declaration.name)
        guard let command = commands.first(where: { $0.declaration.name == name }) else {
            throw UsageError("unknown command \(name.quoted)" + Suggestion.text(for: name, among: names))
        }
        return HelpText.command(command.declaration)
    }
}
