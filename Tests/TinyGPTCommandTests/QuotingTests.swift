import Foundation
import Testing

@testable import TinyGPTCommand

@Suite("Names in messages and printed commands")
struct QuotingTests {
    static let names = [
        "plain", "two words", "it's", "", "a\u{1B}[31mred", "tab\tand\nbreak", "back\\slash'quote\"both\u{7}",
        "$HOME `id` !x",
        "é\u{85}\u{9B}31m", "😀", "~", "%s*?[a]", "-x",
    ]

    /// What a program makes of an expression, as the bytes that it writes.
    private static func evaluate(_ program: String, _ arguments: String...) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    @Test("A shell reads a quoted name back as it was", arguments: names)
    func shell(name: String) throws {
        #expect(try Self.evaluate("bash", "-c", "printf %s \(name.shellQuoted)") == name)
        #expect(!name.shellQuoted.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test("A path that begins with a dash is no option in a printed command")
    func dash() {
        #expect("-x".shellPath == "./-x")
        #expect("runs/-x".shellPath == "runs/-x")
    }

    @Test(
        "Python reads a quoted name back as it was",
        .enabled(if: (try? evaluate("python3", "-c", "print('here')")) == "here\n"), arguments: names)
    func python(name: String) throws {
        let script = "import sys; sys.stdout.buffer.write(\(name.pythonQuoted).encode())"
        #expect(try Self.evaluate("python3", "-c", script) == name)
    }

    @Test("Control characters are shown, line breaks and tabs stay")
    func visible() {
        #expect("a\u{1B}[31m\u{7F}\u{9B}\n\tb\u{202E}".withVisibleControls == "a␛[31m␡\u{FFFD}\n\tb\u{FFFD}")
        #expect("plain é 😀 👩‍🚀".withVisibleControls == "plain é 😀 👩‍🚀")
    }
}
