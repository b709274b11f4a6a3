import TinyGPT

/// A typed key: the declaration of an option whose value is a `Value`.
///
/// A command declares each of its options once, as a static property, and reads it with `arguments[Self.steps]`. A misspelled
/// option does not compile, and the compiler knows its type.
package struct Option<Value: Sendable>: OptionKey {
    package var declaration: OptionDeclaration
    package let read: @Sendable (OptionValue) -> Value?
}

/// An option that has a value also when it is left out.
package struct DefaultedOption<Value: Sendable>: OptionKey {
    package let option: Option<Value>
    package let defaultValue: Value

    package var declaration: OptionDeclaration { option.declaration }
}

/// An option without a value.
package struct Flag: OptionKey {
    package let declaration: OptionDeclaration

    package init(_ name: String, short: Character? = nil, _ help: String) {
        declaration = OptionDeclaration(name: name, short: short, kind: .flag, help: help)
    }
}

/// What keys of every type have in common, for declarations of commands.
package protocol OptionKey: Sendable {
    var declaration: OptionDeclaration { get }
}

/// An option as the parser, the help and suggestions see it.
package struct OptionDeclaration: Sendable {
    /// The name without its dashes, words joined by `-`.
    package let name: String
    /// The letter after a single dash, for the few options that have one.
    package var short: Character?
    /// The kind of value that follows the option.
    package let kind: ValueKind
    /// The name of the value in help, such as `N` or `DIR`, where it is not the kind's own.
    package var placeholderName: String?
    /// What the option does and in which unit.
    package let help: String
    /// The default in words, for help.
    package var defaultText: String?
    /// Whether the command cannot run without it.
    package var isRequired = false
    /// Other names of the same option, such as nanoGPT's.
    package var aliases: [String] = []

    /// The name of the value in help; nil for a flag.
    package var placeholder: String? { placeholderName ?? kind.placeholder }

    /// Whether a value can follow it.
    package var takesValue: Bool { placeholder != nil }

    /// As typed: `--steps`.
    package var longName: String { "--" + name }

    /// As shown in help: `-q, --quiet`, `--steps N`, `--resume [RUN]`.
    package var synopsis: String {
        let names = short.map { "-\($0), \(longName)" } ?? longName
        guard let placeholder else { return names }
        if case .optionalText = kind { return "\(names) [\(placeholder)]" }
        return "\(names) \(placeholder)"
    }
}

extension Option<Int> {
    /// A whole number in a range.
    package init(
        _ name: String, short: Character? = nil, in range: ClosedRange<Int>, _ help: String,
        default defaultText: String? = nil, aliases: [String] = []
    ) {
        self.init(
            declaration: OptionDeclaration(
                name: name, short: short, kind: .wholeNumber(range), help: help, defaultText: defaultText,
                aliases: aliases)
        ) { value in if case .integer(let integer) = value { integer } else { nil } }
    }
}

extension Option<Double> {
    /// A number in a range.
    package init(
        _ name: String, in range: NumberRange, as placeholder: String? = nil, _ help: String,
        default defaultText: String? = nil, aliases: [String] = []
    ) {
        self.init(
            declaration: OptionDeclaration(
                name: name, kind: .number(range), placeholderName: placeholder, help: help, defaultText: defaultText,
                aliases: aliases)
        ) { value in if case .number(let number) = value { number } else { nil } }
    }
}

extension Option<String> {
    /// A text, which may be left out if `isOptional`.
    package init(
        _ name: String, short: Character? = nil, as placeholder: String? = nil, isOptional: Bool = false,
        _ help: String, default defaultText: String? = nil
    ) {
        self.init(
            declaration: OptionDeclaration(
                name: name, short: short, kind: isOptional ? .optionalText : .text, placeholderName: placeholder,
                help: help, defaultText: defaultText)
        ) { value in if case .text(let text) = value { text } else { nil } }
    }
}

extension Option where Value: CaseIterable & RawRepresentable<String> {
    /// One of the cases of an enumeration, by its raw value.
    package init(_ name: String, _ help: String, default defaultText: String? = nil, isRequired: Bool = false) {
        self.init(
            declaration: OptionDeclaration(
                name: name, kind: .choice(Value.allCases.map(\.rawValue)), help: help, defaultText: defaultText,
                isRequired: isRequired)
        ) { value in if case .text(let text) = value { Value(rawValue: text) } else { nil } }
    }
}

extension Option {
    /// The option with a default value, which its help shows.
    package func or(_ value: Value) -> DefaultedOption<Value> {
        var option = self
        option.declaration.defaultText = OptionDeclaration.defaultText(of: value)
        return DefaultedOption(option: option, defaultValue: value)
    }
}

extension OptionDeclaration {
    /// A default as help shows it: as it would be typed.
    package static func defaultText(of value: Any) -> String {
        switch value {
        case let number as Double: Int(exactly: number).map(String.init) ?? "\(number)"
        case let number as Float: Int(exactly: number).map(String.init) ?? "\(number)"
        case let choice as any RawRepresentable<String>: choice.rawValue
        default: "\(value)"
        }
    }
}

/// Options that stand together under one heading in help.
package struct OptionGroup: Sendable {
    package let heading: String
    package let options: [OptionDeclaration]

    package init(_ heading: String, _ options: [any OptionKey]) {
        self.heading = heading
        self.options = options.map(\.declaration)
    }
}
