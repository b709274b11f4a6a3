/// Finds the word that names the command, with options before it or not.
///
/// Which word that is depends on the command: in `--json - attention` the dash belongs to `--json`, for other commands
/// `--json` takes nothing. So every command reads the words in front of its own name as its own options.
struct CommandFinder {
    private let commands: [any Command]
    private let noun: String

    init(_ tool: CommandLineTool) {
        commands = tool.commands
        noun = tool.program.noun
    }

    private enum FirstWord {
        case at(Int)
        case none
        case behindUnknownOption(String)
    }

    /// Finds the command.
    ///
    /// - Returns: The command and where its name stands; nil where there is no command's name. An unknown option in front of
    ///   the name does not hide it, so that the option can be reported as that command's.
    func find(in arguments: [String]) -> (command: any Command, index: Int)? {
        for isStrict in [true, false] {
            for command in commands {
                if case .at(let index) = firstWord(in: arguments, for: command.declaration, isStrict: isStrict),
                    arguments[index] == command.declaration.name
                {
                    return (command, index)
                }
            }
        }
        return nil
    }

    /// Why `find` found nothing.
    func explanation(for arguments: [String]) -> UsageError {
        let firstWords = commands.map { firstWord(in: arguments, for: $0.declaration, isStrict: true) }
        for case .at(let index) in firstWords {
            return unknown(arguments[index])
        }
        for case .none in firstWords {
            return UsageError("no \(noun) given")
        }
        for case .behindUnknownOption(let name) in firstWords {
            return UsageError(
                "unknown option \(name.quoted)" + Suggestion.text(for: name, among: ["--help", "--version"]))
        }
        return UsageError("no \(noun) given")
    }

    /// The error for a word that names no command.
    func unknown(_ word: String) -> UsageError {
        UsageError(
            "unknown \(noun) \(word.quoted)" + Suggestion.text(for: word, among: commands.map(\.declaration.name)))
    }

    /// The first word that is neither an option nor an option's value for this command.
    private func firstWord(in arguments: [String], for declaration: CommandDeclaration, isStrict: Bool) -> FirstWord {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            guard argument.isOption else { return .at(index) }
            index += 1
            if argument == "--" { break }
            let (name, joined) = argument.splitAtEqualsSign
            let option =
                argument.isLongOption
                ? declaration.option(named: String(name.dropFirst(2)))
                : argument.dropFirst().first.flatMap(declaration.option(short:))
            if option == nil, isStrict { return .behindUnknownOption(name) }
            let hasValueInside = argument.isLongOption ? joined != nil : argument.count > 2
            if let option, option.kind.needsValue, !hasValueInside { index += 1 }
        }
        return index < arguments.count ? .at(index) : .none
    }
}
