import TinyGPT

/// `tinygpt heads` at work.
struct HeadsSession {
    private let arguments: ParsedArguments
    private let stored: StoredModel
    private let tokens: [Int32]

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        if let threads = arguments.integer("threads") { Compute.threads = threads }
        stored = try StoredModel(arguments)
        tokens = try MeasuredText(arguments, for: stored).tokens
    }

    func run() throws {
        let survey = try HeadSurvey.withProgress(stored, tokens, windows: arguments.integer("windows"), arguments)
        let reports = survey.reports.sorted { $0.worth.averaged.value > $1.worth.averaged.value }
        if arguments.flag("json") {
            for report in reports { try StandardStreams.output.write(Self.json(report, survey).line()) }
        } else {
            try StandardStreams.output.write(HeadTable(survey, reports).text)
        }
    }

    private static func json(_ report: HeadReport, _ survey: HeadSurvey) -> JSONValue {
        var object: [String: JSONValue] = [
            "layer": .integer(report.layer), "head": .integer(report.head),
            "name": report.name.map(JSONValue.text) ?? .null, "zeroed": json(report.worth.zeroed),
            "averaged": json(report.worth.averaged), "distance": json(report.pattern.distance),
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

    private static func json(_ change: HeadWorth.Change) -> JSONValue {
        .object(["change": .number(change.value), "standard_error": .number(change.standardError)])
    }
}

extension HeadSurvey {
    /// The survey of a stored model, with the time left while it lasts.
    static func withProgress(
        _ stored: StoredModel, _ tokens: [Int32], windows: Int? = nil, _ arguments: ParsedArguments
    ) throws -> HeadSurvey {
        var progress = TimeLeft(arguments)
        defer { progress.finish() }
        let sizes = stored.model.configuration
        return try HeadSurvey(
            of: stored.model, on: tokens, spaces: stored.checkpoint.vocabulary.spaces, windows: windows
        ) { fraction in
            progress.update("measuring \(sizes.layers * sizes.heads) heads", fraction: fraction)
        }
    }
}
