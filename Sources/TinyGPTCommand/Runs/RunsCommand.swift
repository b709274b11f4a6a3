import Foundation
import TinyGPT

/// `tinygpt runs`: lists the runs.
struct RunsCommand: Command {
    private static let json = Flag("json", "Print each run as a line of JSON")

    let declaration = CommandDeclaration(
        name: "runs",
        summary: "List the runs and their validation losses",
        description: "Lists the run folders under \(RunFolder.defaultBase)/, newest first.",
        examples: [
            Example("tinygpt runs", "a table"),
            Example("tinygpt runs --json", "one line of JSON per run"),
        ],
        groups: [OptionGroup("Options", [json] + CommonOptions.output)],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        let runs = try RunFolder.list()
        if arguments[Self.json] {
            for run in runs { try StandardStreams.output.write(json(run).line()) }
        } else if runs.isEmpty {
            if !arguments[CommonOptions.quiet] {
                StandardStreams.note("there are no runs in '\(RunFolder.defaultBase)' yet; train one: tinygpt train\n")
            }
        } else {
            try StandardStreams.output.write(table(runs.map(Summary.init)))
        }
    }

    private func json(_ run: RunFolder) -> JSONValue {
        let summary = Summary(run)
        return .object([
            "run": .text(run.path), "step": summary.step.map(JSONValue.integer) ?? .null,
            "steps": (summary.configuration?.training.steps).map(JSONValue.integer) ?? .null,
            "val_loss": summary.best.map(JSONValue.number) ?? .null,
            "parameters": (summary.configuration?.parameters).map(JSONValue.integer) ?? .null,
            "architecture": (summary.configuration?.model.architecture.rawValue).map(JSONValue.text) ?? .null,
        ])
    }

    private func table(_ summaries: [Summary]) -> String {
        let rows =
            [["run", "step", "best val loss", "parameters", "architecture"]]
            + summaries.map { summary in
                let steps = summary.configuration.map { "/\($0.training.steps)" } ?? ""
                return [
                    summary.name, summary.step.map { "\($0)\(steps)" } ?? "-",
                    summary.best.map { String(format: "%.4f", $0) } ?? "-",
                    summary.configuration.map { HumanNumbers.count($0.parameters) } ?? "-",
                    summary.configuration.map { "\($0.model.architecture)" } ?? "-",
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

    /// The line of a run.
    private struct Summary {
        let name: String
        let configuration: RunConfiguration?
        let step: Int?
        let best: Double?

        init(_ run: RunFolder) {
            name = run.name.inOneLine
            configuration = try? RunConfiguration(path: run.configurationPath)
            var (step, best): (Int?, Double?) = (nil, nil)
            do {
                try MetricsLog.forEachRow(of: run.metricsPath) { row in
                    step = row.step
                    if row.split == .validation, row.loss.isFinite { best = min(best ?? row.loss, row.loss) }
                }
                (self.step, self.best) = (step, best)
            } catch {
                (self.step, self.best) = (nil, nil)
            }
        }
    }
}
