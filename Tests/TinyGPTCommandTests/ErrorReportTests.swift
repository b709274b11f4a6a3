import Foundation
import Testing
import TinyGPT

@testable import Console
@testable import TinyGPTCommand

@Suite("Errors and exit codes")
struct ErrorReportTests {
    private struct Odd: Error, CustomStringConvertible {
        let description = "one\ntwo"
    }

    @Test("Wrong usage says where to read more")
    func usage() {
        let error = UsageError("unknown option '--step'; did you mean '--steps'?")
        #expect(
            ErrorReport(error, of: .tinygpt, command: "train").text
                == "tinygpt train: unknown option '--step'; did you mean '--steps'?\nSee 'tinygpt train --help'.\n")
        #expect(ErrorReport(UsageError("x"), of: .tinygpt, command: nil).text == "tinygpt: x\nSee 'tinygpt --help'.\n")
        #expect(ExitCode(error) == .usage)
    }

    @Test(
        "Every class of error of the library has its exit code",
        arguments: [
            (.evaluationDiverged, 1), (.standardInputTwice, 64), (.tooShortToMeasure(characters: 1), 65),
            (.missingFile("a"), 66), (.cannotCreate("a", reason: "b"), 73), (.cannotWrite("a", reason: "b"), 74),
        ] as [(TinyGPTError, Int32)])
    func libraryErrors(error: TinyGPTError, code: Int32) {
        #expect(ExitCode(error).rawValue == code)
        #expect(ErrorReport(error, of: .tinygpt, command: "eval").text.hasPrefix("tinygpt eval: \(error)"))
    }

    @Test("A report has at most 2000 scalars, whatever a path has", arguments: ["x", "\u{301}", "é", "\u{1B}"])
    func length(repeated: String) {
        let text = ErrorReport(
            TinyGPTError.missingFile(String(repeating: repeated, count: 4096)), of: .tinygpt, command: "eval"
        ).text
        #expect(text.unicodeScalars.count <= 2000)
        #expect(text.utf8.suffix(4).elementsEqual("…\n".utf8))
    }

    @Test("A path, a name or a text from a file makes no line of its own and is not obeyed by a terminal")
    func oneLine() {
        let forged = "x\nstep 9 \u{1B}[2J\u{202E}\u{2028}"
        let errors: [TinyGPTError] = [
            .emptyText(place: forged.inOneLine), .missingFile(forged), .isFolder(forged),
            .cannotRead(forged, reason: "b"), .cannotCreate(forged, reason: "b"), .cannotWrite(forged, reason: "b"),
            .folderNotEmpty(forged), .badFile(forged, problem: "is damaged"), .runExists(forged), .runInUse(forged),
            .noRuns(in: forged), .noSuchRun(forged, in: forged, others: [forged], areSimilar: true),
            .noCheckpoint(in: forged, others: [forged], areSimilar: false), .fileIsNotARun(forged),
            .notUTF8(file: forged, byte: 255, offset: 0, line: 1, encoding: nil),
        ]
        for error in errors {
            let text = ErrorReport(error, of: .tinygpt, command: "eval").text
            #expect(!text.contains("\nstep 9"), "\(error)")
            #expect(!text.unicodeScalars.contains { $0.isControl && $0 != "\n" }, "\(error)")
            #expect(text.split(separator: "\n").count <= 2)
        }
    }

    @Test("What to do about an error of the library stands below it, with the options' names")
    func advice() {
        #expect(
            ErrorReport(TinyGPTError.headsDoNotDivideWidth(heads: 3, width: 128), of: .tinygpt, command: "train").text
                == """
                tinygpt train: a width of 128 is not divisible by 3 heads
                Try --width 126 or 129, or another number of --heads.

                """)
        #expect(
            ErrorReport(TinyGPTError.oddHeadWidth(heads: 3, width: 9), of: .tinygpt, command: "train").text == """
                tinygpt train: with 3 heads and a width of 9, each head has 3 channels; a modern model rotates channels in pairs \
                and needs an even number
                Try --width 12, another number of --heads, or --architecture classic.

                """)
        #expect(
            ErrorReport(TinyGPTError.biasesInModernModel, of: .tinygpt, command: "train").text == """
                tinygpt train: a modern model has no biases
                Omit --bias, or use --architecture classic.

                """)
        #expect(
            ErrorReport(TinyGPTError.runExists("runs/my run"), of: .tinygpt, command: "train").text == """
                tinygpt train: the run folder 'runs/my run' already exists and is not empty
                Choose another --run, or continue this one with --resume 'runs/my run'

                """)
        #expect(
            ErrorReport(
                TinyGPTError.fileIsNotARun("runs/a/checkpoint-last.safetensors"), of: .tinygpt, command: "sample"
            ).text
                .hasSuffix("\nName its folder: runs/a\n"))
        #expect(
            ErrorReport(
                TinyGPTError.noSuchRun("a", in: "runs", others: [], areSimilar: false), of: .tinygpt, command: "sample"
            ).text
                .hasSuffix("\nThere are no runs yet; train one: tinygpt train\n"))
        #expect(ErrorReport(CommandError(.badData, "x"), of: .tinygpt, command: nil).text == "tinygpt: x\n")
        #expect(ExitCode(CommandError(.badData, "x")) == .badData)
    }

    @Test("No error of the library names an option or a command of the program")
    func plainDescriptions() {
        let errors: [TinyGPTError] = [
            .missingInstructions("AVX2"), .trainingDiverged(step: 1, loss: .nan, gradientNorm: 1, learningRate: 1),
            .evaluationDiverged, .modelDiverged, .invalidSize(name: "heads", size: 0, largest: 9),
            .headsDoNotDivideWidth(heads: 3, width: 4), .oddHeadWidth(heads: 2, width: 6), .biasesInModernModel,
            .invalidDropout(2), .invalidSettings(problem: "batch 0, expected 1 to 65536"),
            .noSuchPart(part: "layer", number: 4, count: 4),
            .invalidValidationFraction(2), .tooShortToTrain(train: 1, validation: 1, fraction: 0.1, context: 9),
            .tooShortToValidate(train: 1, validation: 1, fraction: 0.1), .tooShortToMeasure(characters: 1),
            .uniformText(character: "'a' (U+0061)", count: 3), .emptyText(place: "no file was named"),
            .folderWithoutText("a", others: 1),
            .tooFewLines(1, fraction: 0.1), .lineTooLong("abcde", context: 4),
            .unknownCharacters(places: ["'a' (U+0061) at position 0"], vocabulary: "bc", count: 2),
            .notUTF8(file: "a", byte: 255, offset: 0, line: 1, encoding: nil), .standardInputTwice, .missingFile("a"),
            .isFolder("a"), .cannotRead("a", reason: "b"), .cannotCreate("a", reason: "b"),
            .cannotWrite("a", reason: "b"), .folderNotEmpty("a"), .badFile("a", problem: "is damaged"), .runExists("a"),
            .runInUse("a"), .noRuns(in: "runs"), .noSuchRun("a", in: "runs", others: ["b"], areSimilar: true),
            .noCheckpoint(in: "a", others: [], areSimilar: false), .fileIsNotARun("a"),
            .tablesCannotBeExported, .notForNanoGPT(reason: "a"), .notEnoughMemory(for: "a", needed: 2, available: 1),
        ]
        for error in errors {
            #expect(!error.description.contains("--") && !error.description.contains("tinygpt "))
        }
    }

    @Test("Any other error is told in one line")
    func otherErrors() {
        #expect(ExitCode(Odd()) == .failure)
        #expect(ErrorReport(Odd(), of: .tinygpt, command: nil).text == "tinygpt: one two\n")
    }

    @Test("Errors of the file system are told with the file they are about")
    func fileErrors() throws {
        let error = try #require(throws: CocoaError.self) {
            try Data(contentsOf: URL(filePath: "/nowhere/to/be/found"))
        }
        #expect(ExitCode(error) == .missingInput)
        let text = ErrorReport(error, of: .tinygpt, command: nil).text
        #expect(text.hasPrefix("tinygpt: /nowhere/to/be/found: ") && text.split(separator: "\n").count == 1)
        #expect(ExitCode(CocoaError(.fileWriteNoPermission)) == .inputOutput)
        #expect(ExitCode(POSIXError(.EIO)) == .inputOutput)
    }
}
