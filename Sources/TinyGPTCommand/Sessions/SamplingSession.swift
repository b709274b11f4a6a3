import Foundation
import TinyGPT

/// `tinygpt sample` at work.
struct SamplingSession {
    private let arguments: ParsedArguments
    private let stored: StoredModel
    private let prompt: String
    private let tokens: [Int32]

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        stored = try StoredModel(arguments)
        let vocabulary = stored.checkpoint.vocabulary
        if let path = arguments.text("prompt-file") {
            let scalars = try TextReader.read(paths: [path]).scalars
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            prompt = String(text)
        } else {
            prompt = arguments.text("prompt") ?? ""
        }
        // Without a prompt the model begins a new line, which is where a text it knows could begin.
        let start = prompt.isEmpty ? [vocabulary.index(of: "\n") ?? 0] : []
        tokens = start + (try stored.encode(prompt))
    }

    func run() throws {
        let count = arguments.integer("count") ?? 1
        for number in 0..<count {
            if number > 0 { try StandardStreams.output.write("\n---\n") }
            try write(number)
        }
        if StandardStreams.output.isTerminal { try StandardStreams.output.write("\n") }
    }

    /// Writes one text: the prompt, and what the model makes of it, on a terminal each character as soon as it is there.
    private func write(_ number: Int) throws {
        var generator = try Generator(
            stored.model, prompt: tokens, sampler: sampler, seed: UInt64(arguments.integer("seed") ?? 1337),
            number: number)
        try StandardStreams.output.write(prompt)
        let stop = arguments.text("stop").map { Array($0.unicodeScalars) } ?? []
        var written: [Unicode.Scalar] = []
        for _ in 0..<(arguments.integer("length") ?? 500) {
            let token = generator.next()
            let character = stored.checkpoint.vocabulary.characters[Int(token)]
            try StandardStreams.output.write(String(Character(character)))
            guard !stop.isEmpty else { continue }
            written.append(character)
            if written.suffix(stop.count).elementsEqual(stop) { return }
        }
    }

    private var sampler: Sampler {
        Sampler(
            temperature: arguments.number("temperature") ?? 0.8, topK: arguments.integer("top-k"),
            topP: arguments.number("top-p"))
    }
}
