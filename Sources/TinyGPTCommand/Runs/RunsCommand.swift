import Console
import Foundation
import TinyGPT

/// `tinygpt runs`: lists the runs.
struct RunsCommand: Command {
    private static let json = Flag("json", "Print each run as a line of JSON")
    private static let html = Option<String>(
        "html", as: "FILE",
        "Write a page that compares the runs: charts over each other, a table to sort, settings that differ")

    let declaration = CommandDeclaration(
        name: "runs",
        summary: "List the runs and their validation losses",
        description: "Lists the run folders under \(RunFolder.defaultBase)/, newest first.",
        examples: [
            Example("tinygpt runs", "a table"),
            Example("tinygpt runs --html runs.html", "a page that compares them"),
            Example("tinygpt runs --json", "one line of JSON per run"),
        ],
        groups: [OptionGroup("Options", [html, json] + CommonOptions.output)],
        exclusive: CommonOptions.exclusive + [[html, json]])

    func run(_ arguments: ParsedArguments) throws {
        let page = arguments[Self.html]
        if let page {
            guard page != "-" else { throw UsageError("--html expects the name of a file") }
            try AtomicFile.check(page)
        }
        let runs = try RunFolder.list().map { RunSummary(of: $0) }
        if arguments[Self.json] {
            for run in runs { try StandardStreams.output.write(json(run).line()) }
        } else if runs.isEmpty {
            if !arguments[CommonOptions.quiet] {
                StandardStreams.note("there are no runs in '\(RunFolder.defaultBase)' yet; train one: tinygpt train\n")
            }
        } else if let page {
            try ComparisonPage(runs.map { ($0, settings($0)) }, at: page).write(to: page)
            if !arguments[CommonOptions.quiet] {
                StandardStreams.note(
                    "wrote \(page.inOneLine): \(HumanNumbers.count(runs.count, of: "run")) side by side\n")
            }
        } else {
            try StandardStreams.output.write(table(runs))
        }
    }

    private func json(_ run: RunSummary) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        func integer(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }
        let configuration = run.configuration
        return .object([
            "run": .text(run.folder.path), "step": integer(run.step), "steps": integer(configuration?.training.steps),
            "val_loss": number(run.best?.loss), "best_step": integer(run.best?.step),
            "last_val_loss": number(run.last?.loss), "train_loss": number(run.training?.loss),
            "seconds": number(run.seconds), "parameters": integer(configuration?.parameters),
            "architecture": (configuration?.model.architecture.rawValue).map(JSONValue.text) ?? .null,
            "started": (configuration?.started).map(JSONValue.text) ?? .null,
            "text": .array((configuration?.data.files ?? []).map(JSONValue.text)),
            "settings": .object(
                Dictionary(
                    settings(run).map { ($0.name, Self.value($0.value)) }, uniquingKeysWith: { first, _ in first })),
        ])
    }

    /// Every setting of a run as text; none where its configuration cannot be read.
    private func settings(_ run: RunSummary) -> [RunPage.SettingRow] {
        guard let configuration = run.configuration else { return [] }
        let files = configuration.data.files.map(FileStatus.name).joined(separator: " ")
        return [RunPage.SettingRow("text", files)]
            + TrainCommand.settingRows(configuration.model, configuration.training)
    }

    /// A setting as JSON has it.
    private static func value(_ text: String) -> JSONValue {
        if let integer = Int(text) { return .integer(integer) }
        if let flag = Bool(text) { return .boolean(flag) }
        return Double(text).map(JSONValue.number) ?? .text(text)
    }

    private func table(_ runs: [RunSummary]) -> String {
        let rows =
            [["run", "step", "best val loss", "parameters", "architecture"]]
            + runs.map { run in
                let steps = run.configuration.map { "/\($0.training.steps)" } ?? ""
                return [
                    run.folder.name.inOneLine, run.step.map { "\($0)\(steps)" } ?? "-",
                    run.best.map { String(format: "%.4f", $0.loss) } ?? "-",
                    run.configuration.map { HumanNumbers.count($0.parameters) } ?? "-",
                    run.configuration.map { "\($0.model.architecture)" } ?? "-",
                ]
            }
        let widths = (0..<5).map { column in rows.map { VisibleText.columns(of: $0[column]) }.max()! }
        return rows.map { row in
            let gaps = (0..<5).map {
                String(repeating: " ", count: widths[$0] - VisibleText.columns(of: row[$0]))
            }
            return ([row[0] + gaps[0]] + (1..<5).map { gaps[$0] + row[$0] }).joined(separator: "  ") + "\n"
        }.joined()
    }
}
