import Console
import Foundation
import TinyGPT

/// `tinygpt neurons`: what the neurons of the feed-forward layers follow, and what removing them costs.
struct NeuronsCommand: Command {
    /// How many neurons are listed for each kind of feature, unless more are asked for.
    static let usualTop = 3
    private static let top = Option<Int>(
        "top", in: 1...1000, "How many neurons to list for each kind of feature, those with the strongest correlation"
    ).or(usualTop)
    private static let json = Flag(
        "json", "Print each neuron as a line of JSON, with its correlations with all features and two passages")

    let declaration = CommandDeclaration(
        name: "neurons",
        summary: "Find what the neurons of a model follow in a text",
        description:
            "Measures, on the beginning of a text, the correlation of every neuron (a hidden activation of a feed-forward "
            + "layer) with features of the text: the position in the line, capital letters, vowels, quotations, each "
            + "character, and each next character. Lists for each kind of feature the neurons with the strongest correlations, "
            + "each with the place where it is strongest and with the rise of the loss when its activation is replaced by "
            + "its mean.",
        examples: [
            Example("tinygpt neurons", "the newest run on its own validation text"),
            Example("tinygpt neurons notes other.txt --top 10", "more neurons, on another text"),
            Example("tinygpt neurons --split train --windows 1000", "on more text: slower, with smaller errors"),
            Example("tinygpt neurons --json", "every number, one line per neuron"),
        ],
        positionals: [.run, .measuredText],
        groups: [
            OptionGroup(
                "Options",
                [
                    top, CommonOptions.split, CommonOptions.checkpoint, CommonOptions.windows, CommonOptions.threads,
                    json,
                ]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        arguments.applyThreads()
        let stored = try StoredModel(arguments)
        let tokens = try MeasuredText(arguments, for: stored).tokens
        let survey = try stored.surveyNeurons(
            on: tokens, windows: arguments[CommonOptions.windows], top: arguments[Self.top], arguments)
        let vocabulary = stored.checkpoint.vocabulary
        if arguments[Self.json] {
            for report in survey.reports {
                try StandardStreams.output.write(Self.json(report, survey, vocabulary).line())
            }
        } else {
            let style = TerminalStyle(descriptor: STDOUT_FILENO, arguments)
            try StandardStreams.output.write(NeuronTable(survey, vocabulary, style).text)
        }
    }

    private static func json(_ report: NeuronReport, _ survey: NeuronSurvey, _ vocabulary: Vocabulary) -> JSONValue {
        .object([
            "layer": .integer(report.layer), "neuron": .integer(report.neuron),
            "follows": json(report.follows, vocabulary),
            "correlations": .array(report.correlations.map { json($0, vocabulary) }),
            "mean": .number(report.mean), "deviation": .number(report.deviation),
            "cost": .object([
                "change": .number(report.cost.value), "standard_error": .number(report.cost.standardError),
            ]),
            "passages": .array(
                report.passages.map { passage in
                    .object([
                        "text": .text(vocabulary.decode(passage.tokens)), "index": .integer(passage.index),
                        "position": .integer(passage.position), "activation": .number(passage.activation),
                    ])
                }),
            "neurons": .integer(survey.neurons), "loss": .number(survey.loss),
            "windows": .integer(survey.windows), "window_length": .integer(survey.windowLength),
        ])
    }

    private static func json(_ correlation: FeatureCorrelation, _ vocabulary: Vocabulary) -> JSONValue {
        let feature = correlation.feature
        return .object([
            "feature": .text(feature.kind.rawValue),
            "character": feature.token.map { .text(vocabulary.decode([$0])) } ?? .null,
            "correlation": .number(correlation.value), "chance": .number(correlation.chance),
        ])
    }
}
