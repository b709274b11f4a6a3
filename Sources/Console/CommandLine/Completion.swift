import TinyGPT

/// What can stand at the end of an unfinished command line, made from the declarations.
///
/// The scripts of the shells ask the program (`--complete WORD ...`) and know nothing themselves, so one that was installed long
/// ago still completes what the program has now. The alternative, a script with every option in it, is that logic three times,
/// in three languages.
struct Completion: Equatable {
    /// A word, and what it means.
    struct Candidate: Equatable {
        let word: String
        var meaning = ""
    }

    /// The paths that belong there, which the shell completes itself.
    enum Paths: String {
        case none, files, folders
    }

    private(set) var candidates: [Candidate] = []
    private(set) var paths = Paths.none

    /// The answer to a script: the kind of paths, then a candidate a line, with a tab before its meaning.
    var text: String {
        candidates.reduce(into: paths.rawValue + "\n") { $0 += "\($1.word)\t\($1.meaning)\n" }
    }

    /// - Parameters:
    ///   - words: What was typed after the program's name; the last word, which may be empty, is the one to complete. The shell
    ///     selects the candidates that begin with it.
    ///   - tool: The program.
    init(of words: [String], for tool: CommandLineTool) {
        let (before, last) = (words.dropLast(), words.last ?? "")
        let found = CommandFinder(tool).find(in: Array(before))
        let declaration = found?.command.declaration ?? ProgramOptions.declaration(tool.program.noun)
        let rest = found.map { before.prefix($0.index) + before.dropFirst($0.index + 1) } ?? before
        let typed = TypedArguments(Array(rest), for: declaration)
        if let option = typed.pending {
            addValues(of: option)
            guard !option.kind.needsValue else { return }
        } else if !typed.hasEndedOptions, last.isLongOption, let name = last.equalsSignName {
            if let option = declaration.option(named: String(name.dropFirst(2))) { addValues(of: option) }
            return
        }
        if last.utf8.starts(with: "-".utf8), !typed.hasEndedOptions {
            addOptions(of: declaration, besides: typed)
        } else if typed.pending == nil, found == nil {
            addCommands(of: tool)
        } else if typed.pending == nil {
            if let positional = declaration.positional(at: typed.positionals) {
                addValues(of: positional, in: tool)
            } else if !typed.hasEndedOptions {
                addOptions(of: declaration, besides: typed)
            }
        }
    }

    private mutating func addCommands(of tool: CommandLineTool) {
        candidates += tool.commands.map { Candidate(word: $0.declaration.name, meaning: $0.declaration.summary) }
    }

    /// The options that were not given and that none of those given excludes.
    private mutating func addOptions(of declaration: CommandDeclaration, besides typed: TypedArguments) {
        let excluded = declaration.exclusive.map { $0.map(\.declaration.name) }
            .filter { !typed.given.isDisjoint(with: $0) }
            .joined()
        candidates += declaration.options
            .filter { !typed.given.contains($0.name) && !excluded.contains($0.name) }
            .map { Candidate(word: $0.longName, meaning: $0.help) }
    }

    private mutating func addValues(of option: OptionDeclaration) {
        switch option.kind {
        case .choice(let words): candidates += words.map { Candidate(word: $0) }
        case .text, .optionalText: addPaths(called: option.placeholder ?? "")
        case .flag, .wholeNumber, .number: break
        }
    }

    private mutating func addValues(of positional: Positional, in tool: CommandLineTool) {
        if positional.name == tool.program.placeholder {
            addCommands(of: tool)
        } else if positional.choices.isEmpty {
            addPaths(called: positional.name == "TEXT" ? "FILE" : positional.name)
        } else {
            candidates += positional.choices.map { Candidate(word: $0) }
        }
    }

    /// What the name of a value in help says of it.
    private mutating func addPaths(called placeholder: String) {
        switch placeholder {
        case "F", "F|-", "FILE", "FILE|-", "PATH": paths = .files
        case "DIR": paths = .folders
        case "RUN":
            paths = .folders
            let names = ((try? RunFolder.list()) ?? []).map(\.name)
            candidates += names.filter { !$0.unicodeScalars.contains(where: \.isControl) }.map { Candidate(word: $0) }
        default: break
        }
    }
}

/// The complete words of an unfinished command line, of which nothing need be right.
private struct TypedArguments {
    /// The names of the options given.
    private(set) var given: Set<String> = []
    /// How many words are no options.
    private(set) var positionals = 0
    private(set) var hasEndedOptions = false
    /// The option whose value comes next, or may.
    private(set) var pending: OptionDeclaration?

    init(_ words: [String], for declaration: CommandDeclaration) {
        for word in words {
            let isValue = pending.map { $0.kind.needsValue || !word.utf8.starts(with: "-".utf8) } ?? false
            pending = nil
            if isValue {
                continue
            } else if hasEndedOptions || !word.isOption {
                positionals += 1
            } else if word == "--" {
                hasEndedOptions = true
            } else if let option = declaration.lastOption(in: word) {
                given.insert(option.declaration.name)
                pending = option.hasValue || !option.declaration.takesValue ? nil : option.declaration
            }
        }
    }
}

extension CommandDeclaration {
    /// The argument at a place, the last one again if it is repeated.
    fileprivate func positional(at place: Int) -> Positional? {
        place < positionals.count ? positionals[place] : positionals.last.flatMap { $0.isRepeated ? $0 : nil }
    }

    /// The option that a word names, the last of several letters, and whether its value is in the word.
    fileprivate func lastOption(in word: String) -> (declaration: OptionDeclaration, hasValue: Bool)? {
        guard !word.isLongOption else {
            let (name, value) = word.splitAtEqualsSign
            return option(named: String(name.dropFirst(2))).map { ($0, value != nil) }
        }
        let letters = word.dropFirst()
        for (place, letter) in letters.enumerated() {
            guard let option = option(short: letter) else { return nil }
            if option.takesValue || place == letters.count - 1 { return (option, place < letters.count - 1) }
        }
        return nil
    }
}

extension String {
    /// What stands before the first `=`; nil where there is none.
    fileprivate var equalsSignName: String? {
        let (name, value) = splitAtEqualsSign
        return value.map { _ in name }
    }
}
