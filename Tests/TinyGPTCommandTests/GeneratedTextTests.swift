import Testing
import TinyGPT

@testable import Console
@testable import TinyGPTCommand

@Suite("What the program writes of itself")
struct GeneratedTextTests {
    @Test("A script for each shell asks the program", arguments: Shell.allCases)
    func scripts(shell: Shell) throws {
        let script = try #require(try shownText("--generate-completion-script", shell.rawValue))
        #expect(try shownText("--generate-completion-script=\(shell)") == script)
        #expect(script.contains("tinygpt") && script.contains(" \(ProgramOptions.complete) "))
        #expect(!script.contains("PROGRAM") && !script.contains("COMPLETE "))
    }

    @Test("An unknown shell, none, and anything more are wrong usage")
    func mistakes() throws {
        let option = "--generate-completion-script"
        #expect(try mistake(option, "tcsh") == "\(option) expects bash, zsh or fish, got 'tcsh'")
        #expect(try mistake(option) == "\(option) expects bash, zsh or fish, but nothing follows it")
        #expect(try mistake(option, "bash", "more") == "unexpected argument 'more'; the command takes none")
        #expect(try mistake(option, "bash", "--generate-manual") != nil)
        #expect(try mistake("--generate-manual", "more") == "unexpected argument 'more'; the command takes none")
    }

    @Test("The manual has every command, option and exit code")
    func manual() throws {
        let lines = Set(try #require(try shownText("--generate-manual")).split(separator: "\n").map(String.init))
        for command in CommandLineTool.tinygpt.commands.map(\.declaration) {
            #expect(lines.contains(".Ss \(command.name)"))
            for option in command.options {
                let name = "Fl -\\&\(option.name)"
                #expect(lines.contains { $0.hasPrefix(".It") && ($0 + " ").contains(name + " ") }, "\(option.name)")
            }
        }
        for code in ExitCode.allCases { #expect(lines.contains(".It \(code.rawValue)")) }
        for section in [
            "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES",
        ] {
            #expect(lines.contains(".Sh \(section)"))
        }
    }

    @Test("No line of the manual is taken for a macro, and none is long")
    func manualLines() throws {
        let text = try #require(try shownText("--generate-manual"))
        let macros: Set = ["Dd", "Dt", "Os", "Sh", "Nm", "Nd", "Ar", "Op", "Pp", "Bl", "El", "It", "Ss", "D1"]
        for line in text.split(separator: "\n") {
            #expect(!line.hasPrefix(".") || macros.contains(String(line.dropFirst().prefix(2))), "\(line)")
            #expect(!line.hasPrefix("'") && (line.hasPrefix(".") || line.count <= 80), "\(line)")
        }
    }

    @Test("Without a text, training takes the sonnets, wherever it is")
    func builtInText() throws {
        let plan = try TrainingPlan(parse("train"))
        #expect(plan.text.isBuiltIn && plan.text.tokens.count == 93820 && plan.vocabulary.count == 60)
        let file = try LoadedText(paths: ["data/shakespeare.txt"])
        #expect(plan.text.sha256 == file.sha256 && Array(plan.text.tokens[0..<93820]) == Array(file.tokens[0..<93820]))
        #expect(plan.data.files == [LoadedText.builtInName] && !file.isBuiltIn)
        // A file of that name is a file.
        #expect(throws: TinyGPTError.self) { try TrainingPlan(parse("train", LoadedText.builtInName)) }
    }
}
