import Foundation
import TinyGPT

/// An error in words for a person, one or two lines, as it appears on standard error.
struct ErrorReport {
    let text: String

    /// Tells an error.
    ///
    /// - Parameters:
    ///   - error: Whatever was thrown.
    ///   - command: The command at work; nil before one is known.
    init(_ error: any Error, command: String?) {
        let program = command.map { "tinygpt \($0)" } ?? "tinygpt"
        text = "\(program): \(Self.description(of: error, program: program))\n"
    }

    private static func description(of error: any Error, program: String) -> String {
        switch error {
        case let error as UsageError: "\(error.message)\nSee '\(program) --help'."
        case let error as TinyGPTError: error.description
        case let error as CocoaError: inOneLine((error.filePath.map { "\($0): " } ?? "") + error.localizedDescription)
        case is any LocalizedError, is POSIXError: inOneLine(error.localizedDescription)
        default: inOneLine(String(describing: error))
        }
    }

    private static func inOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
