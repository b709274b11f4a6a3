import Console
import Foundation
import TinyGPT

extension TextSampling {
    /// Samples one text and shows its alternatives, as a table or as a page.
    func explain() throws {
        let length = length(after: tokens)
        if arguments.isGiven(SampleCommand.html), !(1...Self.longestReplay).contains(length) {
            throw UsageError("--html shows 1 to \(Self.longestReplay) characters; choose a --length in that range")
        }
        if let path = arguments[SampleCommand.html] {
            if path == "-" { throw UsageError("--html expects the name of a file, not standard output (-)") }
            try AtomicFile.check(path)
        }
        let style = TerminalStyle(descriptor: STDOUT_FILENO, arguments)
        let isTable = arguments[SampleCommand.explain]
        var written = newText
        if isTable {
            try StandardStreams.output.write("character  probability  entropy    alternatives\n")
        } else {
            try begin(0)
        }
        let text = try ExplainedText(
            stored.model, prompt: tokens, sampler: sampler, seed: seed, length: length,
            weights: arguments[CommonOptions.weights],
            recordsAttention: arguments.isGiven(SampleCommand.html) && !ExplorerPage.holds(stored.model)
        ) { choice in
            let character = stored.checkpoint.vocabulary.characters[Int(choice.token)]
            written.append(character, choice.probability)
            if isTable {
                try StandardStreams.output.write(line(choice, style))
            } else {
                try writeLast(character, of: written)
            }
            return !written.isFinished
        }
        guard let path = arguments[SampleCommand.html] else { return }
        var page = text.page(of: stored.model, vocabulary: stored.checkpoint.vocabulary, facts: stored.facts)
        page.open(
            at: try HeadChoice(layer: nil, head: nil, of: stored.model.configuration), of: stored.model, on: text.prompt
        )
        page.add(notice: notice(of: text))
        try page.write(to: path)
        if !arguments[CommonOptions.quiet] {
            StandardStreams.note("\nwrote \(path.inOneLine): \(text.choices.count) characters\n")
        }
    }

    /// What the page's reader has to know.
    private func notice(of text: ExplainedText) -> String? {
        let weights = arguments[CommonOptions.weights]
        let notices = [
            tokens.count > text.prompt.count
                ? "only the last \(text.prompt.count) characters of the prompt were used" : nil,
            weights == .f32
                ? nil : "the text was sampled with --weights \(weights.rawValue); the page has the model's own",
        ]
        return notices.contains { $0 != nil } ? notices.compactMap { $0 }.joined(separator: "; ") : nil
    }

    /// The pictures of a page grow with the square of its text.
    private static let longestReplay = 1000

    private func line(_ choice: ExplainedText.Choice, _ style: TerminalStyle) -> String {
        func sign(_ token: Int32) -> String {
            VisibleText.sign(stored.checkpoint.vocabulary.characters[Int(token)], style)
        }
        let others = choice.alternatives.map { sign($0.token) + String(format: " %.0f%%", $0.probability * 100) }
        return "    \(sign(choice.token))      "
            + String(format: "%10.1f%%  %5.2f bits   ", choice.probability * 100, choice.entropy)
            + others.joined(separator: "  ") + "\n"
    }
}
