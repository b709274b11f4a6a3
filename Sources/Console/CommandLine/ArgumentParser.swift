/// Reads the arguments of one command by the GNU conventions.
///
/// `--name value` and `--name=value`, `-n value` and `-nvalue`, letters without values joined as `-ab`; options and other
/// arguments in any order; `--` ends the options; `-` alone is no option. Names are never abbreviated, because a script that
/// relies on an abbreviation breaks when an option is added.
package struct ArgumentParser {
    private let declaration: CommandDeclaration
    private var values: [String: OptionValue] = [:]
    private var positionals: [String] = []
    private var hasEndedOptions = false

    /// Reads a command line.
    ///
    /// - Parameters:
    ///   - leading: The arguments before the command's name. An optional value must be joined by `=` there, so that it cannot
    ///     swallow the name.
    ///   - trailing: The arguments after the command's name.
    ///   - declaration: What the command accepts.
    /// - Returns: Values that the declaration allows.
    /// - Throws: `UsageError` for the first thing that is wrong.
    package static func parse(
        leading: ArraySlice<String> = [], _ trailing: ArraySlice<String>, for declaration: CommandDeclaration
    ) throws -> ParsedArguments {
        var parser = ArgumentParser(declaration: declaration)
        try parser.read(leading, isLeading: true)
        try parser.read(trailing, isLeading: false)
        try parser.checkTogether()
        return ParsedArguments(
            declaration: declaration, values: parser.values, positionals: parser.positionals,
            commandLine: leading + [declaration.name] + trailing)
    }

    private init(declaration: CommandDeclaration) {
        self.declaration = declaration
    }

    private mutating func read(_ arguments: ArraySlice<String>, isLeading: Bool) throws {
        var rest = arguments
        while let argument = rest.popFirst() {
            if hasEndedOptions || !argument.isOption {
                try addPositional(argument)
            } else if argument == "--" {
                hasEndedOptions = true
            } else if argument.isLongOption {
                try readLong(argument, &rest, isLeading: isLeading)
            } else {
                try readShort(argument, &rest, isLeading: isLeading)
            }
        }
    }

    private mutating func readLong(_ argument: String, _ rest: inout ArraySlice<String>, isLeading: Bool) throws {
        let (name, joined) = argument.splitAtEqualsSign
        guard let option = declaration.option(named: String(name.dropFirst(2))) else {
            throw unknown(name)
        }
        try store(option, called: name, joined: joined, &rest, isLeading: isLeading)
    }

    private mutating func readShort(_ argument: String, _ rest: inout ArraySlice<String>, isLeading: Bool) throws {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let option = declaration.option(short: letter) else {
                throw unknown(argument)
            }
            var joined: String?
            if option.takesValue, !letters.isEmpty {
                joined = String(letters)
                letters = ""
            }
            try store(option, called: "-\(letter)", joined: joined, &rest, isLeading: isLeading)
        }
    }

    private mutating func store(
        _ option: OptionDeclaration, called name: String, joined: String?, _ rest: inout ArraySlice<String>,
        isLeading: Bool
    ) throws {
        let value = try value(of: option, called: name, joined: joined, &rest, isLeading: isLeading)
        guard values.updateValue(value, forKey: option.name) == nil else {
            throw UsageError("option '\(option.longName)' was given twice")
        }
    }

    private func value(
        of option: OptionDeclaration, called name: String, joined: String?, _ rest: inout ArraySlice<String>,
        isLeading: Bool
    ) throws -> OptionValue {
        let text: String
        if let joined {
            text = joined
        } else if option.kind.needsValue {
            text = try nextValue(of: option, called: name, &rest)
        } else if option.takesValue, !isLeading, let next = rest.first, !next.utf8.starts(with: "-".utf8) {
            text = rest.removeFirst()
        } else {
            return .present
        }
        guard let value = option.kind.read(text) else {
            let verb = option.takesValue ? "expects" : "takes"
            throw UsageError("\(name) \(verb) \(option.kind.expectation), got \(text.quoted)")
        }
        return value
    }

    private func nextValue(of option: OptionDeclaration, called name: String, _ rest: inout ArraySlice<String>) throws
        -> String
    {
        let wish = "\(name) expects \(option.kind.expectation)"
        guard let next = rest.popFirst() else {
            throw UsageError("\(wish), but nothing follows it")
        }
        guard next.canBeValue else {
            guard case .text = option.kind else { throw UsageError("\(wish), but \(next.quoted) follows it") }
            throw UsageError(
                "\(wish), but \(next.quoted) follows it; if that is the text, write \(option.longName)=\(next.quoted)")
        }
        return next
    }

    private mutating func addPositional(_ argument: String) throws {
        positionals.append(argument)
        guard let limit = declaration.positionalLimit, positionals.count > limit else { return }
        let accepted = declaration.positionals.map(\.name).joined(separator: " ")
        let reason = limit == 0 ? "the command takes none" : "the command takes only \(accepted)"
        throw UsageError("unexpected argument \(argument.quoted); \(reason)")
    }

    private func checkTogether() throws {
        for names in declaration.exclusive {
            let given = names.map(\.declaration).filter { values[$0.name] != nil }
            if given.count > 1 {
                throw UsageError("\(given[0].longName) and \(given[1].longName) cannot be used together")
            }
        }
        for option in declaration.options where option.isRequired && values[option.name] == nil {
            throw UsageError("\(option.longName) \(option.placeholder ?? "") is missing")
        }
    }

    private func unknown(_ name: String) -> UsageError {
        let candidates = declaration.options.flatMap { [$0.longName] + $0.aliases.map { "--" + $0 } }
        return UsageError("unknown option \(name.quoted)" + Suggestion.text(for: name, among: candidates))
    }
}
