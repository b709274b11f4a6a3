/// A subcommand: what it accepts and what it does.
protocol Command: Sendable {
    /// Name, arguments, options and examples.
    var declaration: CommandDeclaration { get }

    /// Does the work.
    ///
    /// - Parameter arguments: Checked against the declaration.
    /// - Throws: `UsageError` for options that do not go together, otherwise what the work throws.
    func run(_ arguments: ParsedArguments) throws
}

/// The one source from which parsing, help and suggestions of a command come.
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
    /// Names of options of which at most one may be given.
    var exclusive: [[String]] = []

    /// Every option, in the order of the help.
    var options: [Option] { groups.flatMap(\.options) }

    /// How many positionals are accepted; nil for any number.
    var positionalLimit: Int? {
        positionals.contains(where: \.isRepeated) ? nil : positionals.count
    }

    /// The option called `name` (without dashes; `_` counts as `-`), also by one of its other names.
    func option(named name: String) -> Option? {
        let dashed = name.replacing("_", with: "-")
        return options.first { $0.name == dashed || $0.aliases.contains(dashed) }
    }

    /// The option with this letter.
    func option(short letter: Character) -> Option? {
        options.first { $0.short == letter }
    }
}

/// A command line worth trying, and what it does.
struct Example: Sendable {
    let line: String
    let meaning: String

    /// Declares an example.
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

    /// Declares an argument, which may be left out if it has a default.
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
