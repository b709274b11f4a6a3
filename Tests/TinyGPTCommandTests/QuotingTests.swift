import Foundation
import Testing
import TinyGPT

@testable import Console
@testable import TinyGPTCommand

@Suite("Names in messages and printed commands")
struct QuotingTests {
    static let names = [
        "plain", "two words", "it's", "", "a\u{1B}[31mred", "tab\tand\nbreak", "back\\slash'quote\"both\u{7}",
        "$HOME `id` !x",
        "é\u{85}\u{9B}31m", "😀", "~", "%s*?[a]", "-x",
        // Marks that make one character of what is before them.
        "'\u{301};id;'\u{301}", "it'\u{200D}s", "\\\u{301}\n'\u{301}\u{200D}\"\u{301}", "e\u{301}", "\u{301}x",
        // What a terminal obeys besides control characters.
        "a\u{202E}txt.b", "\u{2066}'\u{2069}", "a\u{2028}b\u{2029}\u{200F}\u{61C}",
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
        let read = try Self.evaluate("bash", "-c", "printf %s \(name.shellQuoted)")
        #expect(Array(read.utf8) == Array(name.utf8))
        #expect(!name.shellQuoted.unicodeScalars.contains { $0.isControl })
        #expect(name.shellQuoted.withVisibleControls == name.shellQuoted)
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
        let read = try Self.evaluate("python3", "-c", script)
        #expect(Array(read.utf8) == Array(name.utf8))
        #expect(name.pythonQuoted.withVisibleControls == name.pythonQuoted)
    }

    @Test("Control characters are shown, line breaks and tabs stay")
    func visible() {
        #expect("a\u{1B}[31m\u{7F}\u{9B}\n\tb\u{202E}".withVisibleControls == "a␛[31m␡\u{FFFD}\n\tb\u{FFFD}")
        #expect("plain é 😀 👩‍🚀".withVisibleControls == "plain é 😀 👩‍🚀")
    }
}
