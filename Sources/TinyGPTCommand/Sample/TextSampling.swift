import Console
import Foundation
import TinyGPT

/// The run of `tinygpt sample`: prompt and sampler, and the texts on standard output.
struct TextSampling {
    let arguments: ParsedArguments
    let stored: StoredModel
    private let prompt: String
    let tokens: [Int32]
    /// The training text, with `--check` or `--lines`; nil with `--lines` where it cannot be read.
    private let training: TokenArray?

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
        if arguments.isGiven(SampleCommand.repetitionWindow), arguments[SampleCommand.repetitionPenalty] == 1 {
            throw UsageError(
                "--repetition-window \(arguments[SampleCommand.repetitionWindow]) has no effect without --repetition-penalty, such "
                    + "as 1.2")
        }
        tokens = try stored.beginning(prompt)
        if arguments[SampleCommand.lines], !stored.checkpoint.settings.lines {
            throw UsageError(
                "--lines is for a run that was trained with --lines, and \(stored.folder.path.quoted) was not")
        }
        training = try Self.training(of: stored, arguments)
        let held = stored.model.configuration.context * min(arguments[SampleCommand.count], Generator.mostTexts)
        try stored.require(
            MemoryEstimate.inference(
                stored.model.configuration, positions: held, cached: held, weights: arguments[CommonOptions.weights]),
            for: "sampling")
    }

    /// What samples are compared with.
    private static func training(of stored: StoredModel, _ arguments: ParsedArguments) throws -> TokenArray? {
        guard arguments[SampleCommand.check] || arguments[SampleCommand.lines] else { return nil }
        do {
            return try MeasuredText([], split: .train, for: stored, hint: nil, arguments).tokens
        } catch let error where arguments[SampleCommand.lines] {
            // Lines can be written without it.
            let reason = (error as? CommandError)?.message ?? "\(error)"
            StandardStreams.note("lines of the training text are not marked: \(reason)\n")
            return nil
        }
    }

    /// The most bytes of a prompt's file. The model sees as many characters as its context has, at most 65,536, and all are printed
    /// again; 100 MB took 900.
    private static let longestPrompt = 1 << 20

    func run() throws {
        if arguments[SampleCommand.interactive] { return try converse() }
        let count = arguments[SampleCommand.count]
        if arguments[SampleCommand.explain] || arguments.isGiven(SampleCommand.html) {
            guard count == 1 else { throw UsageError("--explain and --html explain one text, but --count is \(count)") }
            return try explain()
        }
        for first in stride(from: 0, to: count, by: Generator.mostTexts) {
            let numbers = first..<min(count, first + Generator.mostTexts)
            if arguments[SampleCommand.lines] { try writeLines(numbers) } else { try write(numbers) }
        }
        if StandardStreams.output.isTerminal, isStreamed, !arguments[SampleCommand.lines] {
            try StandardStreams.output.write("\n")
        }
    }

    /// Samples lines side by side, each a text of its own, and prints them when all are done, with a mark at those of the training
    /// text, where that could be read.
    private func writeLines(_ numbers: Range<Int>) throws {
        let vocabulary = stored.checkpoint.vocabulary
        let texts = try sample(numbers)
        let lines = try texts.map { try vocabulary.encode($0.shown.unicodeScalars) }
        let known = training?.lines(among: Set(lines), lineBreak: vocabulary.startToken)
        for ((number, text), tokens) in zip(zip(numbers, texts), lines) {
            let isKnown = known?.contains(tokens)
            if arguments[SampleCommand.json] {
                let more = isKnown.map { ["is_in_training_text": JSONValue.boolean($0)] } ?? [:]
                try StandardStreams.output.write(line(number, text, more))
            } else {
                try StandardStreams.writeForeign(text.shown)
                try StandardStreams.output.write(isKnown == true ? "  (in the training text)\n" : "\n")
            }
        }
    }

    /// Continues every line that is typed, until the input ends.
    private func converse() throws {
        let style = TerminalStyle(descriptor: STDERR_FILENO, arguments)
        let editor = LineEditor(prompt: "> ", style: style)
        var number = 0
        while !Interruption.isRequested, let line = editor.read() {
            let start: [Int32]
            do {
                start = try stored.beginning(line)
            } catch let error as TinyGPTError {
                StandardStreams.note("\(error)\n")
                continue
            }
            // Only while a text is written is Ctrl-C its end; a typed line takes the key itself.
            Interruption.install(isAnnounced: false)
            defer { Interruption.clear() }
            let generator = Generator(
                stored.model, prompt: start, sampler: sampler, seed: seed, numbers: number..<number + 1,
                weights: arguments[CommonOptions.weights])
            number += 1
            var text = newText
            try StandardStreams.writeForeign(line)
            for _ in 0..<length(after: start) where !text.isFinished && !Interruption.isRequested {
                let character = stored.checkpoint.vocabulary.characters[Int(try generator.next())]
                text.append(character, generator.drawnProbabilities[0])
                try writeLast(character, of: text)
            }
            try StandardStreams.output.write("\n\n")
            try StandardStreams.output.flush()
        }
    }

    /// Whether a text is printed while it is written.
    private var isStreamed: Bool { training == nil && !arguments[SampleCommand.json] }

    /// Samples texts side by side, each after the prompt. The first is printed as it is written, on a
    /// terminal character by character; the others follow when all are done.
    private func write(_ numbers: Range<Int>) throws {
        if isStreamed { try begin(numbers.lowerBound) }
        let texts = try sample(numbers) { character, text in
            if isStreamed { try writeLast(character, of: text) }
        }
        for (number, text) in zip(numbers, texts).dropFirst(isStreamed ? 1 : 0) {
            if arguments[SampleCommand.json] {
                try StandardStreams.output.write(line(number, text))
                continue
            }
            try begin(number)
            if let training {
                try check(text.shown, against: training)
            } else {
                try StandardStreams.writeForeign(text.shown)
            }
        }
    }

    /// Samples texts side by side, each after the prompt; `show` gets each character of the first, and that text up to it.
    private func sample(
        _ numbers: Range<Int>, show: (Unicode.Scalar, SampledText) throws -> Void = { _, _ in }
    ) throws -> [SampledText] {
        let generator = Generator(
            stored.model, prompt: tokens, sampler: sampler, seed: seed, numbers: numbers,
            weights: arguments[CommonOptions.weights])
        var texts = numbers.map { _ in newText }
        for _ in 0..<length(after: tokens) {
            if texts.allSatisfy(\.isFinished) { break }
            for (index, token) in try generator.nextOfEach().enumerated() where !texts[index].isFinished {
                let character = stored.checkpoint.vocabulary.characters[Int(token)]
                texts[index].append(character, generator.drawnProbabilities[index])
                if index == 0 { try show(character, texts[0]) }
            }
        }
        return texts
    }

    private func line(_ number: Int, _ text: SampledText, _ more: [String: JSONValue] = [:]) throws -> String {
        let values: [String: JSONValue] = [
            "number": .integer(number), "seed": .integer(arguments[SampleCommand.seed]), "prompt": .text(prompt),
            "text": .text(text.text), "probabilities": .array(text.probabilities.map { .number($0) }),
        ]
        return try JSONValue.object(values.merging(more) { first, _ in first }).line()
    }

    /// Prints a text with the passages of the training text underlined, where there is emphasis, and listed below it.
    private func check(_ text: String, against training: TokenArray) throws {
        let passages = VerbatimPassages(of: try stored.encode(text), in: training)
        let style = TerminalStyle(descriptor: STDOUT_FILENO, arguments)
        let scalars = Array(text.unicodeScalars)
        var listed = ""
        for part in runs(of: passages.marks) {
            let characters = String(String.UnicodeScalarView(scalars[part]))
            let isPassage = passages.marks[part.lowerBound]
            let shown = style.isTerminal ? characters.withVisibleControls : characters
            try StandardStreams.output.write(isPassage ? style.underlined(shown) : shown)
            if isPassage { listed += "  \(part.count) characters: \(VisibleText.oneLine(characters, style))\n" }
        }
        try StandardStreams.output.write(
            "\n\nlongest passage of the training text: \(passages.longest) characters; of all passages of "
                + "\(VerbatimPassages.passageLength), \(String(format: "%.1f", passages.share * 100))% are in it\n"
                + listed)
    }

    /// The ranges in which neighbors are equal.
    private func runs(of marks: [Bool]) -> [Range<Int>] {
        let starts = marks.indices.filter { $0 == 0 || marks[$0] != marks[$0 - 1] }
        return zip(starts, starts.dropFirst() + [marks.count]).map { $0..<$1 }
    }

    func begin(_ number: Int) throws {
        try StandardStreams.writeForeign((number > 0 ? "\n---\n" : "") + prompt)
    }

    /// The most characters after some tokens: of a line that is a text of its own, as much as the context holds, which every line
    /// of the training did.
    func length(after tokens: [Int32]) -> Int {
        let length = arguments[SampleCommand.length]
        guard stored.lineBreak != nil else { return length }
        return min(length, max(1, stored.model.configuration.context + 1 - tokens.count))
    }

    /// An empty text that is finished after `--stop` or, where every line is a text of its own, after a line break.
    var newText: SampledText {
        SampledText(stop: arguments[SampleCommand.stop], endsAtLineBreak: stored.lineBreak != nil)
    }

    /// Prints the last character of a text, unless it is the line break that ends it.
    func writeLast(_ character: Unicode.Scalar, of text: SampledText) throws {
        if !text.hasEndedLine { try StandardStreams.writeForeign(String(Character(character))) }
    }

    var seed: UInt64 { UInt64(arguments[SampleCommand.seed]) }

    var sampler: Sampler {
        Sampler(
            temperature: arguments[SampleCommand.temperature], topK: arguments[SampleCommand.topK],
            topP: arguments[SampleCommand.topP], minP: arguments[SampleCommand.minP],
            repetitionPenalty: arguments[SampleCommand.repetitionPenalty],
            repetitionWindow: arguments[SampleCommand.repetitionWindow])
    }
}
