import Foundation
import Testing
import TinyGPT

@testable import TinyGPTCommand

@Suite("Errors told and turned into exit codes")
struct ErrorReportTests {
    private struct Odd: Error, CustomStringConvertible {
        let description = "one\ntwo"
    }

    @Test("Wrong usage says where to read more")
    func usage() {
        let error = UsageError("unknown option '--step'; did you mean '--steps'?")
        #expect(
            ErrorReport(error, command: "train").text
                == "tinygpt train: unknown option '--step'; did you mean '--steps'?\nSee 'tinygpt train --help'.\n")
        #expect(ErrorReport(UsageError("x"), command: nil).text == "tinygpt: x\nSee 'tinygpt --help'.\n")
        #expect(ExitCode(error) == .usage)
    }

    @Test(
        "Every kind of error of the library has its exit code",
        arguments: [
            (TinyGPTError.Kind.failure, 1), (.usage, 64), (.badData, 65), (.missingInput, 66), (.cannotCreate, 73),
            (.inputOutput, 74),
        ] as [(TinyGPTError.Kind, Int32)])
    func libraryErrors(kind: TinyGPTError.Kind, code: Int32) {
        let error = TinyGPTError(kind, "first\nsecond")
        #expect(ExitCode(error).rawValue == code)
        #expect(ErrorReport(error, command: "eval").text == "tinygpt eval: first\nsecond\n")
    }

    @Test("Any other error is told in one line")
    func otherErrors() {
        #expect(ExitCode(Odd()) == .failure)
        #expect(ErrorReport(Odd(), command: nil).text == "tinygpt: one two\n")
    }

    @Test("Errors of the file system are told with the file they are about")
    func fileErrors() throws {
        let error = try #require(throws: CocoaError.self) {
            try Data(contentsOf: URL(filePath: "/nowhere/to/be/found"))
        }
        #expect(ExitCode(error) == .missingInput)
        let text = ErrorReport(error, command: nil).text
        #expect(text.hasPrefix("tinygpt: /nowhere/to/be/found: ") && text.split(separator: "\n").count == 1)
        #expect(ExitCode(CocoaError(.fileWriteNoPermission)) == .inputOutput)
        #expect(ExitCode(POSIXError(.EIO)) == .inputOutput)
    }
}
