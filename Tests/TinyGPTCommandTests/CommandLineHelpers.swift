import Testing

@testable import Console
@testable import TinyGPTCommand

/// What the program makes of a command line.
///
/// - Throws: What the program would tell.
func parse(_ arguments: String...) throws -> ParsedArguments { try parse(arguments) }

/// The same for arguments in a list.
func parse(_ arguments: [String]) throws -> ParsedArguments {
    let request = try CommandLineTool.tinygpt.request(arguments)
    guard case .run(_, let parsed) = request else {
        throw UsageError("asked for help, not for a command: \(arguments)")
    }
    return parsed
}

/// The text that a command line only has shown; nil where it runs a command.
func shownText(_ arguments: String...) throws -> String? {
    let request = try CommandLineTool.tinygpt.request(arguments)
    guard case .show(let text) = request else { return nil }
    return text
}

/// What is wrong with a command line; nil where nothing is.
func mistake(_ arguments: String...) throws -> String? {
    do {
        _ = try CommandLineTool.tinygpt.request(arguments)
        return nil
    } catch let error as UsageError {
        return error.message
    }
}

extension ParsedArguments {
    /// A whole number by the option's name; nil where it was left out.
    func integer(_ name: String) -> Int? {
        if case .integer(let integer) = value(name) { integer } else { nil }
    }

    /// A number by the option's name; nil where it was left out.
    func number(_ name: String) -> Double? {
        if case .number(let number) = value(name) { number } else { nil }
    }

    /// A text or a choice by the option's name; nil where it, or its optional value, was left out.
    func text(_ name: String) -> String? {
        if case .text(let text) = value(name) { text } else { nil }
    }

    /// Whether a flag is set, by its name.
    func flag(_ name: String) -> Bool { value(name) == .present }
}
