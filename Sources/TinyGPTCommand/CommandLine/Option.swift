/// One option of a command: what the parser, the help and the suggestions know about it.
struct Option: Sendable {
    /// The name without its dashes, words joined by `-`.
    let name: String
    /// The letter after a single dash, for the few options that have one.
    let short: Character?
    /// What follows the option.
    let kind: ValueKind
    /// What the value is called in help: `N`, `DIR`; nil for a flag.
    let placeholder: String?
    /// What the option does and in which unit.
    let help: String
    /// What holds without it, in words for help.
    let defaultText: String?
    /// Whether the command cannot run without it.
    let isRequired: Bool
    /// Other names that do the same, as nanoGPT calls it.
    let aliases: [String]

    /// Declares an option.
    init(
        _ name: String, short: Character? = nil, _ kind: ValueKind, as placeholder: String? = nil, _ help: String,
        default defaultText: String? = nil, isRequired: Bool = false, aliases: [String] = []
    ) {
        self.name = name
        self.short = short
        self.kind = kind
        self.placeholder = placeholder ?? kind.placeholder
        self.help = help
        self.defaultText = defaultText
        self.isRequired = isRequired
        self.aliases = aliases
    }

    /// Whether anything can follow it.
    var takesValue: Bool { placeholder != nil }

    /// As typed: `--steps`.
    var longName: String { "--" + name }

    /// As shown in help: `-q, --quiet`, `--steps N`, `--resume [RUN]`.
    var synopsis: String {
        let names = short.map { "-\($0), \(longName)" } ?? longName
        guard let placeholder else { return names }
        if case .optionalText = kind { return "\(names) [\(placeholder)]" }
        return "\(names) \(placeholder)"
    }
}

/// Options that stand together under one heading in help.
struct OptionGroup: Sendable {
    let heading: String
    let options: [Option]

    /// Declares a group.
    init(_ heading: String, _ options: [Option]) {
        self.heading = heading
        self.options = options
    }
}
