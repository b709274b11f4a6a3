/// A subcommand: its declaration and its work.
protocol Command: Sendable {
    /// Name, arguments, options and examples.
    var declaration: CommandDeclaration { get }

    /// Does the work.
    ///
    /// - Parameter arguments: Checked against the declaration.
    /// - Throws: `UsageError` for options that do not go together, otherwise what the work throws.
    func run(_ arguments: ParsedArguments) throws
}

/// The declaration of a command, the one source of its parsing, help and suggestions.
struct CommandDeclaration: Sendable {
    let name: String
    /// One line in the list of commands.
    let summary: String
    /// A short paragraph at the top of the command's help.
    let description: String
    let examples: [Example]
    var positionals: [Positional] = []
    /// Common options first.
    let groups: [OptionGroup]
    /// Sets of options of which at most one may be given.
    var exclusive: [[any OptionKey]] = []

    /// Every option, in the order of the help.
    var options: [OptionDeclaration] { groups.flatMap(\.options) }

    /// How many positionals are accepted; nil for any number.
    var positionalLimit: Int? {
        positionals.contains(where: \.isRepeated) ? nil : positionals.count
    }

    /// The option called `name` (without dashes; `_` counts as `-`), also by one of its other names.
    func option(named name: String) -> OptionDeclaration? {
        let dashed = name.replacing("_", with: "-")
        return options.first { $0.name == dashed || $0.aliases.contains(dashed) }
    }

    /// The option with this letter.
    func option(short letter: Character) -> OptionDeclaration? {
        options.first { $0.short == letter }
    }
}

/// A command line for the help, and what it does.
struct Example: Sendable {
    let line: String
    let meaning: String

    init(_ line: String, _ meaning: String) {
        self.line = line
        self.meaning = meaning
    }
}

/// An argument that is known by its place.
struct Positional: Sendable {
    let name: String
    let help: String
    /// What holds without it, in words for help; nil for one that cannot be left out.
    let defaultText: String?
    let isRepeated: Bool

    /// An argument that may be left out if it has a default.
    init(_ name: String, _ help: String, default defaultText: String?, isRepeated: Bool = false) {
        self.name = name
        self.help = help
        self.defaultText = defaultText
        self.isRepeated = isRepeated
    }

    /// As shown in help: `[RUN]`, `[TEXT ...]`, `DIR`.
    var synopsis: String {
        guard defaultText != nil else { return name }
        return isRepeated ? "[\(name) ...]" : "[\(name)]"
    }
}
