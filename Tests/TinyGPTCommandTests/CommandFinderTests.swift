import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Finding the command")
struct CommandFinderTests {
    private func find(_ arguments: String...) -> String? {
        CommandFinder(.tinygpt).find(in: arguments)?.command.declaration.name
    }

    @Test("The value of an option in front is no command")
    func valuesAreNoCommands() {
        #expect(find("train") == "train")
        #expect(find("--prompt", "train", "sample") == "sample")
        #expect(find("-p", "train", "sample") == "sample")
        #expect(find("-ptrain", "sample") == "sample")
        #expect(find("--prompt=train", "sample") == "sample")
    }

    @Test("The same option may take a value for one command and none for another")
    func sameOptionOtherKind() {
        #expect(find("--json", "-", "attention") == "attention")
        #expect(find("--json", "train") == "train")
    }

    @Test("Only the first word names a command")
    func firstWordOnly() {
        #expect(find("notes.txt", "train") == nil)
        #expect(find("sample", "train") == "sample")
        #expect(find("--", "train") == "train")
        #expect(find() == nil)
    }

    @Test("A missing or unknown command is told")
    func explanations() throws {
        #expect(try mistake("trian") == "unknown command 'trian'; did you mean 'train'?")
        #expect(try mistake("--steps", "5", "trian") == "unknown command 'trian'; did you mean 'train'?")
        #expect(try mistake("frobnicate") == "unknown command 'frobnicate'")
        #expect(try mistake("--quiet") == "no command given")
        #expect(try mistake("--verson") == "unknown option '--verson'; did you mean '--version'?")
        #expect(try mistake("") == "unknown command ''")
    }
}
