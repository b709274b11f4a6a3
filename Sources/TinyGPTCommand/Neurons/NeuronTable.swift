import Console
import Foundation
import TinyGPT

/// The neurons of a model as a table of 80 columns.
struct NeuronTable {
    let survey: NeuronSurvey
    let vocabulary: Vocabulary
    let style: TerminalStyle

    /// The characters before and after the marked one that a line has room for.
    private static let before = 14, after = 9

    init(_ survey: NeuronSurvey, _ vocabulary: Vocabulary, _ style: TerminalStyle) {
        (self.survey, self.vocabulary, self.style) = (survey, vocabulary, style)
    }

    /// The table and what its columns mean.
    var text: String {
        let lines =
            [
                "loss \(number("%.4f", survey.loss)) nats per character on the first "
                    + "\(HumanNumbers.count(survey.windows, of: "window")) of \(survey.windowLength) characters",
                "", "neuron  follows           corr chance    cost  error  where it is strongest",
            ] + survey.reports.map(line)
        let none = "none of \(survey.neurons) neurons follows a feature of this text more than by chance"
        return (lines + (survey.reports.isEmpty ? [none] : [])).joined(separator: "\n") + "\n\n" + legend
    }

    private func line(_ report: NeuronReport) -> String {
        left("\(report.layer).\(report.neuron)", 8) + left(name(report.follows.feature), 17)
            + right(number("%+.2f", report.follows.value), 5) + right(number("%.2f", report.follows.chance), 7)
            + right(number("%+.4f", report.cost.value), 8) + right(number("%.4f", report.cost.standardError), 7) + "  "
            + (report.passages.first.map(excerpt) ?? "")
    }

    private func name(_ feature: CharacterFeature) -> String {
        guard let token = feature.token else { return feature.kind.rawValue }
        let name: String
        switch vocabulary.characters[Int(token)] {
        case " ": name = "space"
        case "\n": name = "newline"
        case let character:
            name = "'\(style.isUTF8 ? Vocabulary.visibleName(of: character) : VisibleText.sign(character, style))'"
        }
        return feature.kind == .nextCharacter ? "next \(name)" : name
    }

    /// The marked character of a passage in brackets, those around it beside them.
    private func excerpt(_ passage: NeuronReport.Passage) -> String {
        func shown(_ tokens: ArraySlice<Int32>) -> String { VisibleText.oneLine(vocabulary.decode(tokens), style) }
        let (index, tokens) = (passage.index, passage.tokens)
        let marked = VisibleText.sign(vocabulary.characters[Int(tokens[index])], style)
        let following = shown(tokens[(index + 1)...].prefix(Self.after))
        let line = right(shown(tokens[..<index].suffix(Self.before)), Self.before) + "[\(marked)]" + following
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    private var legend: String {
        let rows: [(left: String, right: String)] = [
            ("neuron", "layer.neuron, counted from 0"),
            (
                "follows",
                "the feature of the character or the next one that it correlates with; of each kind those with the "
                    + "strongest correlation, if that is beyond chance"
            ),
            (
                "chance",
                "the strongest correlation of any neuron with that feature of another place, an eighth to seven eighths of "
                    + "the text further on"
            ),
            (
                "cost",
                "rise of the loss when the neuron's activation is replaced by its mean, with standard error"
            ),
            ("strongest", "the character in brackets, where the activation is farthest from its mean"),
        ]
        return TextLayout.columns(rows, at: 16)
    }

    private func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - VisibleText.columns(of: text)))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - VisibleText.columns(of: text))) + text
    }

    /// A number, or a dash where there is none.
    private func number(_ format: String, _ value: Double) -> String {
        value.isFinite ? String(format: format, value) : "-"
    }
}
