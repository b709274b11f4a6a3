import Foundation
import TinyGPT

/// The program between its arguments and its exit: finds the command, parses its options, runs it, reports errors.
struct CommandLineTool {
    let commands: [any Command]

    /// The meaning of a command line.
    enum Request {
        case show(String)
        case run(any Command, ParsedArguments)
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
                MemoryExhaustion.prepare(for: command.declaration.name)
                try command.run(parsed)
            }
            try StandardStreams.output.flush()
        } catch {
            // What was written before the error belongs to the reader; if it cannot be written, the error is reported already.
            try? StandardStreams.output.flush()
            code = ExitCode(error)
            let found = CommandFinder(commands: commands).find(in: arguments)?.command
            let command = found is HelpCommand ? nil : found
            StandardStreams.note(ErrorReport(error, command: command?.declaration.name).text)
        }
        if Interruption.isRequested {
            Interruption.die()
        }
        return code
    }

    /// Understands the arguments without doing anything.
    ///
    /// - Throws: `UsageError`.
    func request(_ arguments: [String]) throws -> Request {
        guard !arguments.isEmpty else { return .show(HelpText.short(commands)) }
        let finder = CommandFinder(commands: commands)
        let found = finder.find(in: arguments)
        let beforeEnd = arguments.prefix { $0 != "--" }
        if beforeEnd.contains("--help") || beforeEnd.contains("-h") {
            return .show(found.map { HelpText.command($0.command.declaration) } ?? HelpText.program(commands))
        }
        if beforeEnd.contains("--version") {
            return .show("tinygpt \(HelpText.version)\n")
        }
        guard let (command, index) = found else {
            throw finder.explanation(for: arguments)
        }
        let parsed = try ArgumentParser.parse(
            leading: arguments[..<index], arguments[(index + 1)...], for: command.declaration)
        return .run(command, parsed)
    }
}

extension CommandLineTool {
    /// The program: every command, in the order of the help. A new one is a folder beside this file and a line here.
    static let tinygpt: CommandLineTool = CommandLineTool(commands: [
        TrainCommand(), SampleCommand(), AttentionCommand(), HeadsCommand(), EvalCommand(), ExportCommand(),
        ImportCommand(), RunsCommand(), BenchCommand(), HelpCommand { CommandLineTool.tinygpt.commands },
    ])
}
