import Testing
import TinyGPT

@testable import Console
@testable import TinyGPTCommand

@Suite("Completion")
struct CompletionTests {
    @Test("At the beginning there are all commands, with what they do")
    func commands() {
        let completion = complete("")
        #expect(completion.paths == .none)
        #expect(completion.candidates.map(\.word) == CommandLineTool.tinygpt.commands.map(\.declaration.name))
        #expect(completion.candidates.first?.meaning == TrainCommand().declaration.summary)
        #expect(complete("help", "").candidates == completion.candidates)
        #expect(words("-") == ["--help", "--version", "--generate-completion-script", "--generate-manual"])
        #expect(words("--generate-completion-script", "") == ["bash", "zsh", "fish"])
    }

    @Test(
        "Every option of every command is offered, until it is given",
        arguments: CommandLineTool.tinygpt.commands.indices)
    func options(index: Int) {
        let declaration = CommandLineTool.tinygpt.commands[index].declaration
        #expect(words(declaration.name, "--") == declaration.options.map(\.longName))
        for option in declaration.options {
            let typed = option.kind.needsValue ? [option.longName, "1"] : [option.longName]
            #expect(!words([declaration.name] + typed + ["--"]).contains(option.longName))
        }
    }

    @Test("An option that excludes others, given by its name, a letter or another name, hides them")
    func exclusion() {
        #expect(!words("sample", "-i", "--").contains("--html"))
        #expect(!words("train", "--max-iters=5", "--").contains("--minutes"))
        #expect(!words("sample", "-pText", "--").contains("--prompt-file"))
        #expect(!words("sample", "-qi", "--").contains("--check"))
        #expect(words("sample", "--").contains("--html") && words("train", "--").contains("--minutes"))
    }

    @Test("The values of an option are those of its kind, whichever way they are joined")
    func values() {
        let presets = Preset.allCases.map(\.rawValue)
        #expect(words("train", "--preset", "") == presets)
        #expect(words("train", "--preset=") == presets && words("train", "--seed", "3", "--preset=b") == presets)
        #expect(complete("sample", "-n", "") == complete("train", "--steps", ""))
        #expect(complete("train", "--steps", "") == complete("sample", "--prompt", "x"))
        #expect(words("train", "--steps", "").isEmpty && complete("train", "--steps", "").paths == .none)
        // A value may look like anything.
        #expect(words("sample", "--prompt", "train", "--temp").contains("--temperature"))
    }

    @Test("Files, folders and runs are where their placeholders stand")
    func paths() {
        #expect(
            complete("sample", "--html", "").paths == .files && complete("sample", "--prompt-file=x").paths == .files)
        #expect(complete("train", "").paths == .files && complete("train", "a", "b", "").paths == .files)
        #expect(complete("train", "--run", "").paths == .folders && complete("import", "").paths == .files)
        #expect(complete("sample", "").paths == .folders && complete("train", "--resume", "").paths == .folders)
        // Without a value, options follow; a run that is named takes the place of RUN.
        #expect(words("train", "--resume", "--pl") == words("train", "--resume", "--"))
        #expect(complete("eval", "notes", "").paths == .files && complete("runs", "").paths == .none)
        #expect(words("bench", "") == ["matmul", "step", "sample", "peak"])
        #expect(complete("train", "--", "--preset").paths == .files && words("train", "--", "--preset").isEmpty)
    }

    @Test("Every placeholder that an option or argument has is known to complete, or not to")
    func placeholders() {
        let completing: Set = ["F", "F|-", "FILE", "FILE|-", "PATH", "DIR", "RUN"]
        let others: Set = ["N", "X", "P", "M", "TEXT", "WHAT", "COMMAND"]
        for command in CommandLineTool.tinygpt.commands.map(\.declaration) {
            let named = command.options.filter { if case .choice = $0.kind { false } else { true } }.compactMap(
                \.placeholder)
            for name in named + command.positionals.map(\.name) {
                #expect(completing.contains(name) || others.contains(name), "\(command.name): \(name)")
            }
        }
    }

    @Test("The answer to a script is the kind of paths, then a candidate a line")
    func text() throws {
        #expect(try shownText("--complete", "train", "--tables", "") == "none\nnone\t\nbigram\t\ntrigram\t\n")
        #expect(try shownText("--complete", "train", "--help", "--pla")?.contains("\n--plain\tPrint lines") == true)
        #expect(try shownText("--complete") == complete("").text)
    }

    private func complete(_ words: String...) -> Completion { Completion(of: words, for: .tinygpt) }

    private func words(_ typed: String...) -> [String] { words(typed) }

    private func words(_ typed: [String]) -> [String] {
        Completion(of: typed, for: .tinygpt).candidates.map(\.word)
    }
}
