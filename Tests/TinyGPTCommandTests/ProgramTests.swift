import Foundation
import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("The program as a process")
struct ProgramTests {
    @Test("The version is printed on standard output")
    func version() throws {
        #expect(try run("--version") == Outcome(output: "tinygpt 0.1.0\n"))
    }

    @Test("Without arguments the short help is printed on standard output")
    func noArguments() throws {
        #expect(try run() == Outcome(output: HelpText(.tinygpt).short))
    }

    @Test("The help command prints the help of a command")
    func help() throws {
        #expect(try run("help", "train") == Outcome(output: HelpText(.tinygpt).command(TrainCommand().declaration)))
    }

    @Test("An unknown command is wrong usage, reported on standard error")
    func unknownCommand() throws {
        let text = "tinygpt: unknown command 'trian'; did you mean 'train'?\nSee 'tinygpt --help'.\n"
        #expect(try run("trian") == Outcome(error: text, status: 64))
        #expect(try run("help", "trian") == Outcome(error: text, status: 64))
    }

    @Test("An unknown option is wrong usage, reported on standard error")
    func unknownOption() throws {
        let text = "tinygpt train: unknown option '--step'; did you mean '--steps'?\nSee 'tinygpt train --help'.\n"
        #expect(try run("train", "--step", "5") == Outcome(error: text, status: 64))
    }

    @Test("A closed output ends the process quietly")
    func brokenPipe() throws {
        let outcome = try run(shell: "{ sleep 0.2; \"$0\" help train; echo $? >&2; } | true")
        #expect(outcome == Outcome(error: "141\n"))
    }

    @Test("A full disk is an input/output error", .enabled(if: hasFullDevice))
    func fullDisk() throws {
        let text = "tinygpt: cannot write to standard output: No space left on device\n"
        #expect(try run(shell: "\"$0\" --version > /dev/full") == Outcome(error: text, status: 74))
    }

    /// What a process left behind.
    private struct Outcome: Equatable {
        var output = ""
        var error = ""
        var status: Int32 = 0
    }

    private func run(_ arguments: String...) throws -> Outcome {
        try run(program(), arguments)
    }

    /// Runs a script in which `$0` is the program.
    private func run(shell script: String) throws -> Outcome {
        try run(URL(filePath: "/bin/sh"), ["-c", script, program().path])
    }

    private func run(_ executable: URL, _ arguments: [String]) throws -> Outcome {
        let process = Process()
        let (output, error) = (Pipe(), Pipe())
        process.executableURL = executable
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = error
        try process.run()
        // A process that hangs is killed, and its status then fails the test.
        let limit = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: limit)
        defer { limit.cancel() }
        // Nothing here fills a pipe, so they can be read one after the other.
        let texts = [output, error].map {
            String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return Outcome(output: texts[0], error: texts[1], status: process.terminationStatus)
    }

    /// The program beside the bundle of these tests.
    private func program() throws -> URL {
        let bundles = CommandLine.arguments + Bundle.allBundles.map(\.bundlePath)
        let folders = bundles.compactMap { path in
            path.range(of: ".xctest").map { URL(filePath: String(path[..<$0.upperBound])).deletingLastPathComponent() }
        }
        let candidates = folders.map { $0.appending(path: "tinygpt") }
        return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) })
    }
}
