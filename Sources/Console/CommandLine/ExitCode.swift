import Foundation
import TinyGPT

/// The exit codes of the program; the numbers from 64 on are those of sysexits(3).
package enum ExitCode: Int32, CaseIterable, Sendable {
    case success = 0
    case failure = 1
    case usage = 64
    case badData = 65
    case missingInput = 66
    case cannotCreate = 73
    case inputOutput = 74

    /// The code for an error.
    package init(_ error: any Error) {
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
    package var meaning: String {
        switch self {
        case .success: "success"
        case .failure: "failure"
        case .usage: "usage error"
        case .badData: "invalid data or an invalid checkpoint"
        case .missingInput: "missing input"
        case .cannotCreate: "an output cannot be created"
        case .inputOutput: "reading or writing failed"
        }
    }
}

extension Program {
    /// The signals that stop a program cleanly; a shell reports the end of a process by a signal as 128 and its number.
    private static let signals: [(number: Int32, name: String)] = [
        (SIGHUP, "SIGHUP"), (SIGINT, "Ctrl-C"), (SIGTERM, "SIGTERM"),
    ]

    /// Every exit code and its meaning.
    var exitCodes: [Example] {
        let codes = ExitCode.allCases.map { Example("\($0.rawValue)", $0 == .failure ? failureMeaning : $0.meaning) }
        guard let stopMeaning else { return codes }
        return codes + Self.signals.map { Example("\(128 + $0.number)", "stopped by \($0.name), \(stopMeaning)") }
    }
}
