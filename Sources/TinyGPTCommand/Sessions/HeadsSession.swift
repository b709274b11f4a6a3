import Foundation
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
        tokens = try RunText.tokens(arguments, stored, command: "heads")
    }

    func run() throws {
        let survey = try HeadSurvey.withProgress(
            of: stored, on: tokens, limit: arguments.integer("characters") ?? 8192, arguments)
        // The most valuable first.
        let reports = survey.reports.sorted { $0.zeroed.change > $1.zeroed.change }
        if arguments.flag("json") {
            for report in reports { try StandardStreams.output.write(try json(report).line()) }
        } else {
            try StandardStreams.output.write(table(reports, survey))
        }
    }

    private func json(_ report: HeadSurvey.Report) -> JSONValue {
        func worth(_ worth: HeadWorth) -> JSONValue {
            .object(["change": .number(worth.change), "standard_error": .number(worth.standardError)])
        }
        var object: [String: JSONValue] = [
            "layer": .integer(report.layer), "head": .integer(report.head),
            "name": report.pattern.name.map(JSONValue.text) ?? .null,
            "zeroed": worth(report.zeroed), "averaged": worth(report.averaged),
        ]
        for (name, score) in Self.scores(report.pattern) {
            object[name] = .object(["value": .number(score.value), "chance": .number(score.chance)])
        }
        return .object(object)
    }

    private static func scores(_ pattern: HeadPattern) -> [(String, HeadPattern.Score)] {
        [
            ("distance", pattern.distance), ("entropy", pattern.entropy), ("previous", pattern.previous),
            ("self", pattern.itself), ("first", pattern.first), ("same", pattern.same), ("blank", pattern.blank),
            ("induction", pattern.induction),
        ]
    }

    /// Two tables of less than 80 columns: what each head is worth, and where it looks.
    private func table(_ reports: [HeadSurvey.Report], _ survey: HeadSurvey) -> String {
        let loss = String(format: "%.4f", survey.loss)
        var text = """
            \(survey.characters) characters, loss \(loss) nats per character with all heads. Without a head it rises by:

            head     zeroed              by its mean         what it does

            """
        for report in reports {
            text += "\(report.layer).\(report.head)".padding(toLength: 7, withPad: " ", startingAt: 0)
            text += Self.worth(report.zeroed) + Self.worth(report.averaged) + "  \(report.pattern.name ?? "")\n"
        }
        text += """

            Where it looks; in brackets, what attention to everything equally would have:
            head   distance   entropy    previous   self       first      same       blank      induct.

            """
        for report in reports {
            text += "\(report.layer).\(report.head)".padding(toLength: 5, withPad: " ", startingAt: 0)
            text += Self.scores(report.pattern).map { name, score in
                let format = name == "distance" || name == "entropy" ? "%5.1f(%.0f)" : "%5.2f(%.2f)"
                return String(format: format, score.value, score.chance).padding(toLength: 11, withPad: " ", startingAt: 0)
            }.joined() + "\n"
        }
        return text
    }

    private static func worth(_ worth: HeadWorth) -> String {
        String(format: "%+8.4f ± %.4f   ", worth.change, worth.standardError)
    }
}

extension HeadSurvey {
    /// The survey of a stored model, with a line of progress while it lasts.
    static func withProgress(
        of stored: StoredModel, on tokens: [Int32], limit: Int, _ arguments: ParsedArguments
    ) throws -> HeadSurvey {
        var progress = ProgressLine(
            style: TerminalStyle(descriptor: STDERR_FILENO, arguments: arguments), isQuiet: arguments.flag("quiet"))
        defer { progress.finish() }
        let start = ContinuousClock.now
        return try HeadSurvey(of: stored.model, on: tokens, limit: limit, vocabulary: stored.checkpoint.vocabulary) {
            fraction in
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            guard elapsed > 1 else { return }
            let left = HumanNumbers.duration(seconds: elapsed / fraction * (1 - fraction))
            progress.update("removing heads: \(Int(fraction * 100))%, \(left) left")
        }
    }
}
