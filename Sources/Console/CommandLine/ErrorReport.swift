import Foundation
import TinyGPT

/// An error as it appears on standard error: a few lines for a person.
struct ErrorReport {
    let text: String

    /// The text of an error.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - program: The program that failed.
    ///   - command: The command that failed; nil before one is known.
    init(_ error: any Error, of program: Program, command: String?) {
        let name = command.map { "\(program.name) \($0)" } ?? program.name
        let description = Self.description(of: error, name, program)
        // By scalars: combining marks could make a character of any length.
        let beginning = description.unicodeScalars.prefix(Self.longest)
        let isLong = beginning.endIndex < description.unicodeScalars.endIndex
        text = "\(name): " + String(String.UnicodeScalarView(beginning)) + (isLong ? "…\n" : "\n")
    }

    /// The most scalars; paths from files can have 4096 bytes.
    private static let longest = 1900

    private static func description(of error: any Error, _ name: String, _ program: Program) -> String {
        switch error {
        case let error as UsageError: "\(error.message)\nSee '\(name) --help'."
        case let error as CommandError: error.message
        case let error as TinyGPTError: error.description + (program.advice(error).map { "\n" + $0 } ?? "")
        case let error as CocoaError: inOneLine((error.filePath.map { "\($0): " } ?? "") + error.localizedDescription)
        case is any LocalizedError, is POSIXError: inOneLine(error.localizedDescription)
        default: inOneLine(String(describing: error))
        }
    }

    private static func inOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ").inOneLine
    }
}
