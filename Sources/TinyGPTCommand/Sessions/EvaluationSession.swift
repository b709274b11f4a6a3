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
        tokens = try MeasuredText(arguments, for: stored).tokens
    }

    func run() throws {
        var progress = TimeLeft(arguments)
        let evaluation = try Evaluation(of: stored.model, on: tokens) { fraction in
            progress.update("predicting \(tokens.count) characters", fraction: fraction)
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
