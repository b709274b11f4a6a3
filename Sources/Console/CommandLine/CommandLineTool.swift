import Foundation
import TinyGPT

/// A program between its arguments and its exit: finds the command, parses its options, runs it, reports errors.
package struct CommandLineTool: Sendable {
    let program: Program
    package let commands: [any Command]

    /// A program and its commands, in the order of the help.
    package init(_ program: Program, commands: [any Command]) {
        self.program = program
        self.commands = commands
    }

    /// The meaning of a command line.
    package enum Request {
        case show(String)
        case run(any Command, ParsedArguments)
    }

    /// Carries out the command line of this process, and exits.
    package func runProcess() -> Never {
        StandardStreams.openClosed()
        exit(run(Array(Swift.CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Carries out a command line.
    ///
    /// - Parameter arguments: Everything after the program's name.
    /// - Returns: What to exit with. Does not return where the command was stopped by a signal: then the process ends by it.
    func run(_ arguments: [String]) -> ExitCode {
        // A parent may have handed down "ignored"; by default the process ends quietly when the reader of its output goes.
        signal(SIGPIPE, SIG_DFL)
        // A file beyond the size limit (`ulimit -f`) is an error of its write, which names the file.
        signal(SIGXFSZ, SIG_IGN)
        var code = ExitCode.success
        do {
            switch try request(arguments) {
            case .show(let text): try StandardStreams.output.write(text)
            case .run(let command, let parsed):
                try Compute.check()
                MemoryExhaustion.prepare(for: command.declaration.name, of: program)
                try command.run(parsed)
            }
            try StandardStreams.output.flush()
        } catch {
            // What was written before the error belongs to the reader; if it cannot be written, the error is reported already.
            try? StandardStreams.output.flush()
            code = ExitCode(error)
            let found = CommandFinder(self).find(in: arguments)?.command
            let command = found is HelpCommand ? nil : found
            StandardStreams.note(ErrorReport(error, of: program, command: command?.declaration.name).text)
        }
        if Interruption.isRequested {
            Interruption.die()
        }
        return code
    }

    /// Understands the arguments without doing anything.
    ///
    /// - Throws: `UsageError`.
    package func request(_ arguments: [String]) throws -> Request {
        let help = HelpText(self)
        guard let first = arguments.first else { return .show(help.short) }
        if first == ProgramOptions.complete {
            return .show(Completion(of: Array(arguments.dropFirst()), for: self).text)
        }
        let finder = CommandFinder(self)
        let found = finder.find(in: arguments)
        let beforeEnd = arguments.prefix { $0 != "--" }
        if beforeEnd.contains("--help") || beforeEnd.contains("-h") {
            return .show(found.map { help.command($0.command.declaration) } ?? help.long)
        }
        if beforeEnd.contains("--version") {
            return .show("\(program.name) \(Program.version)\n")
        }
        let generators = [ProgramOptions.completionScript.declaration, ProgramOptions.manual.declaration]
        if generators.contains(where: { $0.longName == first.splitAtEqualsSign.name }) {
            let parsed = try ArgumentParser.parse(arguments[...], for: ProgramOptions.declaration(program.noun))
            let shell = parsed[ProgramOptions.completionScript]
            return .show(shell?.script(for: program.name) ?? ManualPage(self).text)
        }
        guard let (command, index) = found else {
            throw finder.explanation(for: arguments)
        }
        let parsed = try ArgumentParser.parse(
            leading: arguments[..<index], arguments[(index + 1)...], for: command.declaration)
        return .run(command, parsed)
    }
}
