import Testing

@testable import TinyGPTCommand

@Suite("Help")
struct HelpTextTests {
    private static let commands = CommandLineTool.tinygpt.commands.map(\.declaration)
    private static let names = commands.map(\.name)

    @Test("The help of a command reads so")
    func wholeText() throws {
        #expect(try shownText("runs", "--help") == runsHelp)
    }

    @Test("The help of the program names every command and every exit code")
    func programText() throws {
        let text = try #require(try shownText("--help"))
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        for name in Self.names {
            #expect(lines.contains { $0.first == name[...] })
        }
        for code in ExitCode.allCases {
            #expect(lines.contains { $0.first == "\(code.rawValue)" })
        }
    }

    @Test("Without arguments there is a short help with two examples")
    func shortText() throws {
        let text = try #require(try shownText())
        #expect(text.contains("\n  tinygpt train "))
        #expect(text.contains("\n  tinygpt sample "))
        #expect(text.split(separator: "\n").count < 10)
    }

    @Test("Every option stands in its command's help with its explanation", arguments: names)
    func everyOption(name: String) throws {
        let declaration = try #require(Self.commands.first { $0.name == name })
        let text = try #require(try shownText(name, "-h"))
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for option in declaration.options {
            let remark = option.defaultText.map { " (default: \($0))" } ?? ""
            #expect(words.contains("\(option.synopsis) \(option.help)\(remark)"))
        }
        for positional in declaration.positionals {
            let remark = positional.defaultText.map { " (default: \($0))" } ?? ""
            #expect(words.contains("\(positional.synopsis) \(positional.help)\(remark)"))
        }
    }

    @Test("No help is wider than 80 columns or has blanks at the end of a line")
    func width() throws {
        let texts =
            Self.commands.map(HelpText.command) + [
                HelpText.program(CommandLineTool.tinygpt.commands), HelpText.short(CommandLineTool.tinygpt.commands),
            ]
        for line in texts.flatMap({ $0.split(separator: "\n") }) {
            #expect(line.count <= 80 && line.last != " ")
        }
    }

    @Test("The examples are right", arguments: commands.flatMap(\.examples).map(\.line))
    func examples(line: String) throws {
        let words = line.split(separator: "\"").enumerated().flatMap { index, part in
            index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
        let request = try CommandLineTool.tinygpt.request(Array(words.dropFirst()))
        guard case .run = request else {
            Issue.record("\(line) runs no command")
            return
        }
    }

    @Test("Asking for help wins over everything else")
    func helpWins() throws {
        let train = HelpText.command(TrainCommand().declaration)
        #expect(try shownText("--help", "train") == train)
        #expect(try shownText("train", "--nonsense", "--steps", "x", "-h") == train)
        #expect(try shownText("-h", "--version") == HelpText.program(CommandLineTool.tinygpt.commands))
        #expect(try shownText("nonsense", "--help") == HelpText.program(CommandLineTool.tinygpt.commands))
        #expect(try shownText("--version", "train") == "tinygpt 0.1.0\n")
    }

    @Test("The help command prints what --help prints")
    func helpCommand() throws {
        #expect(
            try HelpCommand.text(about: nil, CommandLineTool.tinygpt.commands)
                == HelpText.program(CommandLineTool.tinygpt.commands))
        #expect(
            try HelpCommand.text(about: "eval", CommandLineTool.tinygpt.commands)
                == HelpText.command(EvalCommand().declaration))
        #expect(throws: UsageError("unknown command 'trian'; did you mean 'train'?")) {
            try HelpCommand.text(about: "trian", CommandLineTool.tinygpt.commands)
        }
    }

    @Test("No command declares a name or a letter twice", arguments: names)
    func uniqueNames(name: String) throws {
        let options = try #require(Self.commands.first { $0.name == name }).options
        let names = options.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
        let letters = options.compactMap(\.short)
        #expect(Set(letters).count == letters.count)
    }
}

private let runsHelp = """
    Usage: tinygpt runs [options]

    Lists the run folders under runs/, the newest first.

    Examples:
      tinygpt runs         a table
      tinygpt runs --json  a line of JSON for each run

    Options:
      --json                     Print each run as a line of JSON
      --color always|never|auto  Use colors; auto asks NO_COLOR, FORCE_COLOR and the
                                 terminal (default: auto)
      --no-color                 The same as --color never
      -q, --quiet                Print no progress and no notices, only results and
                                 errors
      -h, --help                 Print this help

    """
