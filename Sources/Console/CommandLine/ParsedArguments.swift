/// The arguments of a command, every value already checked against the command's declaration.
package struct ParsedArguments: Sendable {
    package let declaration: CommandDeclaration
    /// The arguments that are not options, in order.
    package let positionals: [String]
    /// Everything after the program's name, unchanged.
    package let commandLine: [String]
    private let values: [String: OptionValue]

    /// - Parameters:
    ///   - declaration: The command.
    ///   - values: By the option's own name, never an alias.
    ///   - positionals: The arguments that are not options.
    ///   - commandLine: Everything after the program's name.
    package init(
        declaration: CommandDeclaration, values: [String: OptionValue], positionals: [String], commandLine: [String]
    ) {
        self.declaration = declaration
        self.values = values
        self.positionals = positionals
        self.commandLine = commandLine
    }

    /// The same options for another command, as far as it declares them.
    package func with(_ declaration: CommandDeclaration) -> ParsedArguments {
        let names = Set(declaration.options.map(\.name))
        return ParsedArguments(
            declaration: declaration, values: values.filter { names.contains($0.key) }, positionals: [],
            commandLine: commandLine)
    }

    /// The value of an option; nil where it, or its optional value, was left out.
    package subscript<Value>(option: Option<Value>) -> Value? { value(option.declaration.name).flatMap(option.read) }

    /// The value of an option, or its default.
    package subscript<Value>(option: DefaultedOption<Value>) -> Value { self[option.option] ?? option.defaultValue }

    /// Whether a flag is set.
    package subscript(flag: Flag) -> Bool { isGiven(flag) }

    /// Whether an option was given, with or without a value.
    package func isGiven(_ option: some OptionKey) -> Bool { value(option.declaration.name) != nil }

    /// - Precondition: The command declares the option.
    package func value(_ name: String) -> OptionValue? {
        precondition(
            declaration.options.contains { $0.name == name }, "'\(declaration.name)' does not declare --\(name)")
        return values[name]
    }
}
