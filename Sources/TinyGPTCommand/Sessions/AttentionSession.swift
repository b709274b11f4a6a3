import Foundation
import TinyGPT

/// `tinygpt attention` at work.
struct AttentionSession {
    private let arguments: ParsedArguments
    private let view: AttentionView
    private let style: TerminalStyle

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        style = TerminalStyle(descriptor: STDOUT_FILENO, arguments: arguments)
        view = try AttentionView(arguments)
    }

    func run() throws {
        let outputs = try AttentionOutputs(view, arguments)
        let isQuiet = arguments.flag("quiet")
        if let notice = view.notice, !isQuiet { StandardStreams.note(notice + "\n") }
        if outputs.isEmpty { try StandardStreams.output.write(AttentionPicture(view, style).text) }
        try outputs.write(isQuiet: isQuiet, view)
    }
}
