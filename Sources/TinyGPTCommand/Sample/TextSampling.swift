import Foundation
import TinyGPT

/// The run of `tinygpt sample`: prompt and sampler, and the texts on standard output.
struct TextSampling {
    private let arguments: ParsedArguments
    private let stored: StoredModel
    private let prompt: String
    private let tokens: [Int32]

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        stored = try StoredModel(arguments)
        let vocabulary = stored.checkpoint.vocabulary
        if let unknown = arguments[SampleCommand.stop]?.unicodeScalars.first(where: { vocabulary.index(of: $0) == nil })
        {
            let name = Vocabulary.visibleName(of: unknown)
            throw UsageError(
                "--stop contains \(name), a character that the model does not know, so the text would never stop")
        }
        if let path = arguments[SampleCommand.promptFile] {
            let text = try LoadedText([path], limit: Self.longestPrompt, arguments)
            prompt = text.vocabulary.decode(text.tokens.array)
        } else {
            prompt = arguments[SampleCommand.prompt] ?? ""
        }
        tokens = prompt.isEmpty ? [vocabulary.startToken] : try stored.encode(prompt)
        let held = stored.model.configuration.context * min(arguments[SampleCommand.count], Generator.mostTexts)
        try stored.require(
            MemoryEstimate.inference(stored.model.configuration, positions: held, cached: held), for: "sampling")
    }

    /// The most bytes of a prompt's file. The model sees as many characters as its context has, at most 65,536, and all are printed
    /// again; 100 MB took 900.
    private static let longestPrompt = 1 << 20

    func run() throws {
        let count = arguments[SampleCommand.count]
        if arguments[SampleCommand.explain] || arguments.isGiven(SampleCommand.html) {
            guard count == 1 else { throw UsageError("--explain and --html explain one text, but --count is \(count)") }
            return try explain()
        }
        for first in stride(from: 0, to: count, by: Generator.mostTexts) {
            try write(first..<min(count, first + Generator.mostTexts))
        }
        if StandardStreams.output.isTerminal { try StandardStreams.output.write("\n") }
    }

    /// Samples texts side by side, each after the prompt. The first is printed as it is written, on a
    /// terminal character by character; the others follow when all are done.
    private func write(_ numbers: Range<Int>) throws {
        let generator = Generator(
            stored.model, prompt: tokens, sampler: sampler, seed: seed, numbers: numbers)
        var texts = numbers.map { _ in SampledText(stop: arguments[SampleCommand.stop]) }
        try begin(numbers.lowerBound)
        for _ in 0..<arguments[SampleCommand.length] {
            if texts.allSatisfy(\.isFinished) { break }
            for (index, token) in try generator.nextOfEach().enumerated() where !texts[index].isFinished {
                let character = stored.checkpoint.vocabulary.characters[Int(token)]
                texts[index].append(character)
                if index == 0 { try StandardStreams.writeForeign(String(Character(character))) }
            }
        }
        for (number, text) in zip(numbers, texts).dropFirst() {
            try begin(number)
            try StandardStreams.writeForeign(text.text)
        }
    }

    /// Samples one text and shows its alternatives, as a table or as a page.
    private func explain() throws {
        let length = arguments[SampleCommand.length]
        if arguments.isGiven(SampleCommand.html), !(1...Self.longestReplay).contains(length) {
            throw UsageError("--html shows 1 to \(Self.longestReplay) characters; choose a --length in that range")
        }
        if let path = arguments[SampleCommand.html] {
            if path == "-" { throw UsageError("--html expects the name of a file, not standard output (-)") }
            try AtomicFile.check(path)
        }
        let style = TerminalStyle(descriptor: STDOUT_FILENO, arguments)
        let isTable = arguments[SampleCommand.explain]
        var written = SampledText(stop: arguments[SampleCommand.stop])
        if isTable {
            try StandardStreams.output.write("character  probability  entropy    alternatives\n")
        } else {
            try begin(0)
        }
        let text = try ExplainedText(
            stored.model, prompt: tokens, sampler: sampler, seed: seed, length: length
        ) { choice in
            let character = stored.checkpoint.vocabulary.characters[Int(choice.token)]
            written.append(character)
            if isTable {
                try StandardStreams.output.write(line(choice, style))
            } else {
                try StandardStreams.writeForeign(String(Character(character)))
            }
            return !written.isFinished
        }
        guard let path = arguments[SampleCommand.html] else { return }
        let notice =
            tokens.count > text.prompt.count
            ? "only the last \(text.prompt.count) characters of the prompt were used" : nil
        try text.page(vocabulary: stored.checkpoint.vocabulary, title: stored.folder.path, notice: notice).write(
            to: path)
        if !arguments[CommonOptions.quiet] {
            StandardStreams.note("\nwrote \(path.inOneLine): \(text.choices.count) characters\n")
        }
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

    private func begin(_ number: Int) throws {
        try StandardStreams.writeForeign((number > 0 ? "\n---\n" : "") + prompt)
    }

    /// A text so far, and whether it ends with the text to stop at.
    private struct SampledText {
        private let stop: String.UnicodeScalarView
        private var characters = String.UnicodeScalarView()
        private(set) var isFinished = false

        init(stop: String?) { self.stop = (stop ?? "").unicodeScalars }

        var text: String { String(characters) }

        mutating func append(_ character: Unicode.Scalar) {
            characters.append(character)
            isFinished = !stop.isEmpty && characters.suffix(stop.count).elementsEqual(stop)
        }
    }

    private var seed: UInt64 { UInt64(arguments[SampleCommand.seed]) }

    private var sampler: Sampler {
        Sampler(
            temperature: arguments[SampleCommand.temperature], topK: arguments[SampleCommand.topK],
            topP: arguments[SampleCommand.topP])
    }
}
