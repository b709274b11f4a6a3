import Console
import TinyGPT

/// `tinygpt heads`: the attention pattern and the importance of each head.
struct HeadsCommand: Command {
    private static let json = Flag("json", "Print each head as a line of JSON")

    let declaration = CommandDeclaration(
        name: "heads",
        summary: "Measure what each attention head does and how much it matters",
        description:
            "Measures, on the beginning of a text, where every head looks, compared with uniform attention, and how "
            + "much the loss rises when the head is ablated: when its output is replaced by its mean, and by zero. The "
            + "most important head comes first.",
        examples: [
            Example("tinygpt heads", "the newest run on its own validation text"),
            Example("tinygpt heads notes other.txt", "the run 'notes' on another text"),
            Example("tinygpt heads --windows 1000", "on more text: slower, with smaller errors"),
            Example("tinygpt heads --json", "every number, one line per head"),
        ],
        positionals: [.run, .measuredText],
        groups: [
            OptionGroup(
                "Options",
                [CommonOptions.split, CommonOptions.checkpoint, CommonOptions.windows, CommonOptions.threads, json]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        arguments.applyThreads()
        let stored = try StoredModel(arguments)
        let tokens = try MeasuredText(arguments, for: stored).tokens
        let survey = try stored.surveyHeads(on: tokens, windows: arguments[CommonOptions.windows], arguments)
        let reports = survey.reports.sorted { $0.importance.averaged.value > $1.importance.averaged.value }
        if arguments[Self.json] {
            for report in reports { try StandardStreams.output.write(Self.json(report, survey).line()) }
        } else {
            try StandardStreams.output.write(HeadTable(survey, reports).text)
        }
    }

    private static func json(_ report: HeadReport, _ survey: HeadSurvey) -> JSONValue {
        var object: [String: JSONValue] = [
            "layer": .integer(report.layer), "head": .integer(report.head),
            "name": report.name.map(JSONValue.text) ?? .null, "zeroed": json(report.importance.zeroed),
            "averaged": json(report.importance.averaged), "distance": json(report.pattern.distance),
            "entropy": json(report.pattern.entropy), "loss": .number(survey.loss),
            "windows": .integer(survey.windows), "window_length": .integer(survey.windowLength),
        ]
        for target in AttentionTarget.allCases {
            object[target.rawValue.replacing(" ", with: "_")] = json(report.pattern[target])
        }
        return .object(object)
    }

    private static func json(_ score: HeadPattern.Score) -> JSONValue {
        .object(["value": .number(score.value), "chance": .number(score.chance)])
    }

    private static func json(_ change: LossChange) -> JSONValue {
        .object(["change": .number(change.value), "standard_error": .number(change.standardError)])
    }
}
