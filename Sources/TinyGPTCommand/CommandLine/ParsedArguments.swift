/// What a command was given, every value already checked against the command's declaration.
///
/// Asking for an option that the command does not declare, or as another kind than declared, is a programmer error.
struct ParsedArguments: Sendable {
    let declaration: CommandDeclaration
    /// The arguments that are no options, in order.
    let positionals: [String]
    /// Everything after the program's name, untouched.
    let commandLine: [String]
    private let values: [String: OptionValue]

    /// Creates the result of parsing.
    ///
    /// - Parameters:
    ///   - declaration: The command that was called.
    ///   - values: By the option's own name, never an alias.
    ///   - positionals: The arguments that are no options.
    ///   - commandLine: Everything after the program's name.
    init(
        declaration: CommandDeclaration, values: [String: OptionValue], positionals: [String], commandLine: [String]
    ) {
        self.declaration = declaration
        self.values = values
        self.positionals = positionals
        self.commandLine = commandLine
    }

    /// Whether the user gave the option.
    func isGiven(_ name: String) -> Bool {
        value(name) != nil
    }

    /// Whether the flag is set.
    func flag(_ name: String) -> Bool {
        guard let value = value(name) else { return false }
        precondition(value == .present, "--\(name) is no flag, it holds \(value)")
        return true
    }

    /// A whole number; nil where the option was left out.
    func integer(_ name: String) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .integer(let integer) = value else {
            preconditionFailure("--\(name) is no whole number, it holds \(value)")
        }
        return integer
    }

    /// A number; nil where the option was left out.
    func number(_ name: String) -> Double? {
        guard let value = value(name) else { return nil }
        guard case .number(let number) = value else {
            preconditionFailure("--\(name) is no number, it holds \(value)")
        }
        return number
    }

    /// A text or a choice; nil where the option, or an optional text after it, was left out.
    func text(_ name: String) -> String? {
        switch value(name) {
        case nil, .present: return nil
        case .text(let text): return text
        case .some(let value): preconditionFailure("--\(name) is no text, it holds \(value)")
        }
    }

    private func value(_ name: String) -> OptionValue? {
        precondition(
            declaration.options.contains { $0.name == name },
            "'\(declaration.name)' declares \(declaration.options.map(\.name)), asked for '\(name)'")
        return values[name]
    }
}
