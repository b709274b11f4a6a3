import Foundation
import TinyGPT

/// A command line that cannot be understood; reported with a reference to the help.
struct UsageError: Error, Equatable {
    /// What is wrong, what was expected and got: one line without a full stop.
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// Work that a command cannot do, other than for a mistake in its options.
struct CommandError: Error, Equatable {
    let code: ExitCode
    /// One or two lines: what, where, expected and got, what to do next.
    let message: String

    init(_ code: ExitCode, _ message: String) { (self.code, self.message) = (code, message) }
}

extension TinyGPTError {
    /// What the user of the command line can do about an error; nil where the description says it.
    var advice: String? {
        switch self {
        case .missingInstructions:
            "Build it again here (swift build -c release), or for any CPU: TINYGPT_CPU=none swift build -c release"
        case .trainingDiverged:
            "The last good checkpoint is kept. Try a smaller --learning-rate or a longer --warmup."
        case .evaluationDiverged:
            "Checkpoints from before are kept. Train with a smaller --learning-rate or a longer --warmup."
        case .modelDiverged: "Train again with a smaller --learning-rate or a longer --warmup."
        case .headsDoNotDivideWidth(let heads, let width):
            "Try --width \(width < heads ? "\(heads)" : "\(width / heads * heads) or \(width / heads * heads + heads)"), "
                + "or another number of --heads."
        case .notEnoughMemory: "Choose a smaller model, --batch, --context or text, or end other programs."
        case .oddHeadWidth(let heads, let width):
            "Try --width \(heads * (width / heads + 1)), another number of --heads, or --architecture classic."
        case .biasesInModernModel: "Leave --bias out, or use --architecture classic."
        case .tooShortToTrain: "Give more text, a smaller --context or a smaller --val-fraction."
        case .tooShortToValidate: "Give more text or a larger --val-fraction."
        case .notUTF8(let file, _, _, _, let encoding):
            "It \(encoding.map { "looks like \($0)" } ?? "may be Latin-1"); convert it: "
                + "iconv -f \(encoding ?? "LATIN1") -t UTF-8"
                + (file == "standard input" ? "" : " \(file.shellPath) > utf8.txt")
        case .missingFile: "Check the path; the working folder is \(FileManager.default.currentDirectoryPath)"
        case .runExists(let path): "Give another --run, or continue it with --resume \(path.shellPath)"
        case .runInUse: "Wait until it ends, or name another run."
        case .noRuns: "Make one: tinygpt train"
        case .noSuchRun(_, _, let others, _) where others.isEmpty, .noCheckpoint(_, let others, _) where others.isEmpty:
            "There are no runs yet; make one: tinygpt train"
        case .fileIsNotARun(let path):
            path.hasSuffix(".safetensors")
                ? "Name the folder it is in: \(FileStatus.parentFolder(of: path).shellPath)"
                : "A text comes after the run: RUN \(path.shellPath)"
        default: nil
        }
    }
}

/// The exit codes of the program; the numbers from 64 on are those of sysexits(3).
enum ExitCode: Int32, CaseIterable, Sendable {
    case success = 0
    case failure = 1
    case usage = 64
    case badData = 65
    case missingInput = 66
    case cannotCreate = 73
    case inputOutput = 74

    /// The code for an error.
    init(_ error: any Error) {
        switch error {
        case is UsageError: self = .usage
        case let error as CommandError: self = error.code
        case let error as TinyGPTError: self.init(error.kind)
        case let error as CocoaError where error.code == .fileReadNoSuchFile: self = .missingInput
        case is CocoaError, is POSIXError: self = .inputOutput
        default: self = .failure
        }
    }

    private init(_ kind: TinyGPTError.Kind) {
        self =
            switch kind {
            case .failure: .failure
            case .usage: .usage
            case .badData: .badData
            case .missingInput: .missingInput
            case .cannotCreate: .cannotCreate
            case .inputOutput: .inputOutput
            }
    }

    /// For the help.
    var meaning: String {
        switch self {
        case .success: "done"
        case .failure: "the work failed: training diverged, for example"
        case .usage: "wrong usage"
        case .badData: "bad data or a bad checkpoint"
        case .missingInput: "an input is missing"
        case .cannotCreate: "an output cannot be created"
        case .inputOutput: "reading or writing failed"
        }
    }
}

/// An error as it appears on standard error: a few lines for a person.
struct ErrorReport {
    let text: String

    /// The text of an error.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - command: The command that failed; nil before one is known.
    init(_ error: any Error, command: String?) {
        let program = command.map { "tinygpt \($0)" } ?? "tinygpt"
        let description = Self.description(of: error, program: program)
        let isLong = description.count > Self.longest
        text = "\(program): \(isLong ? description.prefix(Self.longest) + "…" : description[...])\n"
    }

    /// The most characters; paths from files can have 4096 bytes.
    private static let longest = 1900

    private static func description(of error: any Error, program: String) -> String {
        switch error {
        case let error as UsageError: "\(error.message)\nSee '\(program) --help'."
        case let error as CommandError: error.message
        case let error as TinyGPTError: error.description + (error.advice.map { "\n" + $0 } ?? "")
        case let error as CocoaError: inOneLine((error.filePath.map { "\($0): " } ?? "") + error.localizedDescription)
        case is any LocalizedError, is POSIXError: inOneLine(error.localizedDescription)
        default: inOneLine(String(describing: error))
        }
    }

    private static func inOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
