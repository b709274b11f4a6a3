import Console
import Foundation
import TinyGPT

/// `tinygpt eval`: measures a model.
struct EvalCommand: Command {
    private static let stride = Option<Int>(
        "stride", in: GPT.Configuration.Limits.context,
        "Characters between the beginnings of two windows; fewer give each character more to be predicted from, and take longer",
        default: "the context")
    private static let json = Flag("json", "Print the result as a line of JSON")

    let declaration = CommandDeclaration(
        name: "eval",
        summary: "Measure how well a model predicts a text",
        description: "Measures the loss on a whole text: every character but the first is predicted exactly once, so "
            + "the result is the same every time. The loss is in nats per character; beside it stand those of n-gram models "
            + "counted on the training text (modified Kneser-Ney), if that can be read and is not the text that is measured.",
        examples: [
            Example("tinygpt eval", "the newest run on its own validation text"),
            Example("tinygpt eval notes --split train", "the run 'notes' on its training text"),
            Example("tinygpt eval notes --stride 16", "in windows that overlap"),
            Example("tinygpt eval notes other.txt --json", "on the whole of another text"),
        ],
        positionals: [.run, .measuredText],
        groups: [
            OptionGroup("Options", [CommonOptions.split, CommonOptions.checkpoint, stride, json]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        let stored = try StoredModel(arguments)
        let (stride, context) = (arguments[Self.stride], stored.model.configuration.context)
        if let stride, stride > context {
            throw UsageError("--stride is \(stride), expected at most the model's context of \(context) characters")
        }
        let measured = try MeasuredText(arguments, for: stored)
        let evaluation = try stored.evaluate(on: measured.tokens, stride: stride, arguments)
        // On the text that they were counted on, n-grams would look better than they are.
        let yardsticks =
            measured.isTrainedOn ? nil : try Yardsticks(stored, measured, stride: stride, arguments)
        if arguments[Self.json] {
            try StandardStreams.output.write(
                JSONValue.object([
                    "loss": .number(evaluation.loss), "bits_per_character": .number(evaluation.bitsPerCharacter),
                    "perplexity": .number(evaluation.perplexity), "characters": .integer(evaluation.characters),
                    "yardsticks": yardsticks?.json ?? .null,
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
                    + (yardsticks?.text ?? ""))
        }
    }
}
