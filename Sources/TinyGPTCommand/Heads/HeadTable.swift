import Console
import Foundation
import TinyGPT

/// The heads of a model as a table of 80 columns.
struct HeadTable {
    private let survey: HeadSurvey
    private let reports: [HeadReport]

    private static let headings: [AttentionTarget: String] = [
        .previousCharacter: "prev", .itself: "self", .firstPosition: "1st", .sameCharacter: "same", .space: "spc",
        .induction: "ind",
    ]

    /// The table of a survey, with the heads in this order.
    init(_ survey: HeadSurvey, _ reports: [HeadReport]) {
        self.survey = survey
        self.reports = reports
    }

    /// The table and what its columns mean.
    var text: String {
        let headings = AttentionTarget.allCases.map { Self.right(Self.headings[$0] ?? "", 5) }.joined()
        var lines = [
            "loss \(Self.number("%.4f", survey.loss)) nats per character on the first "
                + "\(HumanNumbers.count(survey.windows, of: "window")) of \(survey.windowLength) characters",
            "", "head   mean error   zero error dist bits" + headings,
        ]
        if let first = reports.first { lines.append("chance" + Self.right(scores(first.pattern, \.chance), 64)) }
        for report in reports {
            let head = "\(report.layer).\(report.head)".padding(toLength: 5, withPad: " ", startingAt: 0)
            let importance = [report.importance.averaged, report.importance.zeroed].map { change in
                Self.right(Self.number("%+.3f", change.value), 6) + " "
                    + Self.right(Self.number("%.3f", change.standardError), 5)
            }
            let name = report.name?.split(separator: " ").first.map { " " + $0 } ?? ""
            lines.append(head + importance.joined(separator: " ") + scores(report.pattern, \.value) + name)
        }
        return lines.joined(separator: "\n") + "\n\n" + legend
    }

    /// Distance, entropy and attention in percent.
    private func scores(_ pattern: HeadPattern, _ number: KeyPath<HeadPattern.Score, Double>) -> String {
        let distance = pattern.distance[keyPath: number]
        let targets = AttentionTarget.allCases.map { target in
            Self.right(Self.number("%.0f%%", pattern[target][keyPath: number] * 100), 5)
        }
        return Self.right(Self.number(distance < 99.95 ? "%.1f" : "%.0f", distance), 5)
            + Self.right(Self.number("%.2f", pattern.entropy[keyPath: number]), 5) + targets.joined()
    }

    private var legend: String {
        let rows: [(left: String, right: String)] = [
            ("head", "layer.head, counted from 0; the name of a clear pattern stands at the end of the line"),
            (
                "mean, zero",
                "rise of the loss when the head's output is replaced by its mean or by zero, with standard error"
            ),
            ("dist, bits", "mean distance to the attended character, and entropy of the attention in bits"),
            (
                "prev ... ind",
                "share of the attention on the previous character, on itself, on the first position, "
                    + "on earlier occurrences of the same character, on spaces and newlines, and, in repeated random "
                    + "characters, on what followed the last time (induction)"
            ),
            ("chance", "the same for a head with uniform attention to all characters so far"),
        ]
        return TextLayout.columns(rows, at: 16)
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// A number, or a dash where there is none.
    private static func number(_ format: String, _ value: Double) -> String {
        value.isFinite ? String(format: format, value) : "-"
    }
}
