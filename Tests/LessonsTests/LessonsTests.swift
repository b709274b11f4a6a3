import Testing

@testable import Console
@testable import Lessons

@Suite("The program of lessons")
struct LessonsTests {
    private func shown(_ arguments: String...) throws -> String? {
        if case .show(let text) = try CommandLineTool.lessons.request(arguments) { text } else { nil }
    }

    @Test("Without arguments every lesson is listed with a line of its own")
    func list() throws {
        let lines = try #require(try shown()).split(separator: "\n")
        for command in CommandLineTool.lessons.commands {
            let (name, summary) = (command.declaration.name, command.declaration.summary)
            #expect(lines.contains { $0.hasPrefix("  \(name) ") && $0.hasSuffix(" \(summary)") })
        }
        #expect(lines.allSatisfy { $0.count <= 80 })
    }

    @Test("An unknown lesson is corrected, and errors name this program")
    func unknown() throws {
        let error = UsageError("unknown lesson 'doubel'; did you mean 'double'?")
        #expect(throws: error) { try CommandLineTool.lessons.request(["doubel"]) }
        #expect(throws: error) { try HelpCommand.text(about: "doubel", .lessons) }
        #expect(
            ErrorReport(error, of: .lessons, command: nil).text
                == "lessons: unknown lesson 'doubel'; did you mean 'double'?\nSee 'lessons --help'.\n")
    }

    @Test("--version and the examples of the help belong to this program")
    func help() throws {
        #expect(try shown("--version") == "lessons 0.1.0\n")
        #expect(try shown("double", "--help")?.contains("lessons double --svg double.svg") == true)
        #expect(try shown("--help")?.hasPrefix("Usage: lessons LESSON [options]\n") == true)
    }

    @Test("A failed check makes exit code 1 and names the result")
    func failedCheck() throws {
        let page = try Page(
            ParsedArguments(declaration: DoubleLesson().declaration, values: [:], positionals: [], commandLine: []))
        page.check("loss", 0.5, atMost: 0.25, digits: 2)
        #expect(throws: CommandError(.failure, "1 result is off:\n  loss: 0.50, at most 0.25")) { try page.finish() }
    }
}
