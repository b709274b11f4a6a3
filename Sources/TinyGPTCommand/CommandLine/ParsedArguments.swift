/// The arguments of a command, every value already checked against the command's declaration.
struct ParsedArguments: Sendable {
    let declaration: CommandDeclaration
    /// The arguments that are not options, in order.
    let positionals: [String]
    /// Everything after the program's name, unchanged.
    let commandLine: [String]
    private let values: [String: OptionValue]

    /// - Parameters:
    ///   - declaration: The command.
    ///   - values: By the option's own name, never an alias.
    ///   - positionals: The arguments that are not options.
    ///   - commandLine: Everything after the program's name.
    init(
        declaration: CommandDeclaration, values: [String: OptionValue], positionals: [String], commandLine: [String]
    ) {
        self.declaration = declaration
        self.values = values
        self.positionals = positionals
        self.commandLine = commandLine
    }

    /// The value of an option; nil where it, or its optional value, was left out.
    subscript<Value>(option: Option<Value>) -> Value? { value(option.declaration.name).flatMap(option.read) }

    /// The value of an option, or its default.
    subscript<Value>(option: DefaultedOption<Value>) -> Value { self[option.option] ?? option.defaultValue }

    /// Whether a flag is set.
    subscript(flag: Flag) -> Bool { isGiven(flag) }

    /// Whether an option was given, with or without a value.
    func isGiven(_ option: some OptionKey) -> Bool { value(option.declaration.name) != nil }

    /// - Precondition: The command declares the option.
    func value(_ name: String) -> OptionValue? {
        precondition(
            declaration.options.contains { $0.name == name }, "'\(declaration.name)' does not declare --\(name)")
        return values[name]
    }
}
