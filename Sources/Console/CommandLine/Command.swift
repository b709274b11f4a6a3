/// A subcommand: its declaration and its work.
package protocol Command: Sendable {
    /// Name, arguments, options and examples.
    var declaration: CommandDeclaration { get }

    /// Does the work.
    ///
    /// - Parameter arguments: Checked against the declaration.
    /// - Throws: `UsageError` for options that do not go together, otherwise what the work throws.
    func run(_ arguments: ParsedArguments) throws
}

/// The declaration of a command, the one source of its parsing, help and suggestions.
package struct CommandDeclaration: Sendable {
    package let name: String
    /// One line in the list of commands.
    package let summary: String
    /// A short paragraph at the top of the command's help.
    package let description: String
    package let examples: [Example]
    package let positionals: [Positional]
    /// Common options first.
    package let groups: [OptionGroup]
    /// Sets of options of which at most one may be given.
    package let exclusive: [[any OptionKey]]

    /// Declares a command.
    package init(
        name: String, summary: String, description: String, examples: [Example], positionals: [Positional] = [],
        groups: [OptionGroup], exclusive: [[any OptionKey]] = []
    ) {
        self.name = name
        self.summary = summary
        self.description = description
        self.examples = examples
        self.positionals = positionals
        self.groups = groups
        self.exclusive = exclusive
    }

    /// Every option, in the order of the help.
    package var options: [OptionDeclaration] { groups.flatMap(\.options) }

    /// How many positionals are accepted; nil for any number.
    package var positionalLimit: Int? {
        positionals.contains(where: \.isRepeated) ? nil : positionals.count
    }

    /// The option called `name` (without dashes; `_` counts as `-`), also by one of its other names.
    package func option(named name: String) -> OptionDeclaration? {
        let dashed = name.replacing("_", with: "-")
        return options.first { $0.name == dashed || $0.aliases.contains(dashed) }
    }

    /// The option with this letter.
    package func option(short letter: Character) -> OptionDeclaration? {
        options.first { $0.short == letter }
    }
}

/// A command line for the help, and what it does.
package struct Example: Sendable {
    package let line: String
    package let meaning: String

    package init(_ line: String, _ meaning: String) {
        self.line = line
        self.meaning = meaning
    }
}

/// An argument that is known by its place.
package struct Positional: Sendable {
    package let name: String
    package let help: String
    /// What holds without it, in words for help; nil for one that cannot be left out.
    package let defaultText: String?
    package let isRepeated: Bool
    /// The words that it can be; none where it can be any.
    package let choices: [String]

    /// An argument that may be left out if it has a default.
    package init(
        _ name: String, _ help: String, default defaultText: String?, isRepeated: Bool = false, choices: [String] = []
    ) {
        self.name = name
        self.help = help
        self.defaultText = defaultText
        self.isRepeated = isRepeated
        self.choices = choices
    }

    /// As shown in help: `[RUN]`, `[TEXT ...]`, `DIR`.
    package var synopsis: String {
        guard defaultText != nil else { return name }
        return isRepeated ? "[\(name) ...]" : "[\(name)]"
    }
}
