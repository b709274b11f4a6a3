import Foundation
import TinyGPT

/// `tinygpt eval` at work.
struct EvaluationSession {
    private let arguments: ParsedArguments
    private let stored: StoredModel
    private let tokens: [Int32]

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        stored = try StoredModel(arguments)
        tokens = try RunText.tokens(arguments, stored, command: "eval")
        guard tokens.count >= 2 else {
            throw TinyGPTError(
                .badData, "the text has \(tokens.count) characters; at least 2 are needed to predict one from another")
        }
    }

    func run() throws {
        var progress = ProgressLine(
            style: TerminalStyle(descriptor: STDERR_FILENO, arguments: arguments), isQuiet: arguments.flag("quiet"))
        let start = ContinuousClock.now
        let evaluation = try Evaluation(of: stored.model, on: tokens) { fraction in
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            guard elapsed > 1 else { return }
            let left = HumanNumbers.duration(seconds: elapsed / fraction * (1 - fraction))
            progress.update("predicting \(tokens.count) characters: \(Int(fraction * 100))%, \(left) left")
        }
        progress.finish()
        if arguments.flag("json") {
            try StandardStreams.output.write(
                JSONValue.object([
                    "loss": .number(evaluation.loss), "bits_per_character": .number(evaluation.bitsPerCharacter),
                    "perplexity": .number(evaluation.perplexity), "characters": .integer(evaluation.characters),
                ]).line())
        } else {
            try StandardStreams.output.write(
                String(
                    format: """
                        loss                %.4f nats per character
                        bits per character  %.4f
                        perplexity          %.3f
                        characters          %d

                        """, evaluation.loss, evaluation.bitsPerCharacter, evaluation.perplexity, evaluation.characters)
            )
        }
    }
}
