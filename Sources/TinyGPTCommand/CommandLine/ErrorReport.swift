import Foundation
import TinyGPT

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
        // By scalars: combining marks could make a character of any length.
        let beginning = description.unicodeScalars.prefix(Self.longest)
        let isLong = beginning.endIndex < description.unicodeScalars.endIndex
        text = "\(program): " + String(String.UnicodeScalarView(beginning)) + (isLong ? "…\n" : "\n")
    }

    /// The most scalars; paths from files can have 4096 bytes.
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
        text.split(whereSeparator: \.isNewline).joined(separator: " ").inOneLine
    }
}
