import Console
import Foundation
import TinyGPT

/// What the live board of a training shows: how far it is, the losses as a chart, the figures of the newest step, and the newest
/// sample. A value that is turned into lines of text for a terminal of any size.
struct TrainingBoard {
    /// The floating-point operations for each character.
    let operationsPerToken: Double
    /// The peak of this computer, in 10^9 operations per second; what training reaches is a share of it.
    private(set) var peak: Double
    /// All that will be made.
    var steps: Int
    private(set) var history: LossHistory
    private var step: Trainer.Report?
    /// The number of the newest step.
    private var count: Int
    /// Characters per second: the mean of the newest steps.
    private var speed: Double?
    private var validation: Double?
    private var sample: (step: Int, text: String)?
    private var elapsed = 0.0
    private var left: Double?
    /// The fraction of a validation that is done; nil between validations.
    private var validating: Double?

    /// The smallest terminal that has room for it.
    static let smallest = TerminalSize(columns: 40, rows: 20)

    /// A board without a step.
    ///
    /// - Parameters:
    ///   - steps: All that will be made.
    ///   - made: Those made before.
    ///   - history: Their losses.
    ///   - operationsPerToken: The floating-point operations for each character.
    ///   - peak: The most operations that this computer does, in 10^9 per second.
    init(steps: Int, made: Int = 0, history: LossHistory = LossHistory(), operationsPerToken: Double, peak: Double) {
        (self.steps, self.history, count) = (steps, history, made)
        (self.operationsPerToken, self.peak) = (operationsPerToken, peak)
        validation = history.validations.last?.y
    }

    /// The board of a run that begins or goes on.
    ///
    /// - Throws: What reading the losses of the steps before throws.
    init(of run: TrainingRun) throws {
        let made = run.progress.step
        self.init(
            steps: run.trainer.settings.steps, made: made,
            history: made == 0 ? LossHistory() : try LossHistory(of: run.folder.metricsPath),
            operationsPerToken: run.trainer.model.configuration.operationsPerToken, peak: Benchmark.quickPeak)
    }

    /// Takes the measurements of a step.
    ///
    /// - Parameters:
    ///   - report: The step.
    ///   - tokensPerSecond: Its speed.
    ///   - elapsed: The seconds since the start.
    ///   - left: The seconds until the end.
    mutating func add(_ report: Trainer.Report, tokensPerSecond: Double, elapsed: Double, left: Double) {
        history.add(report.loss, step: report.step)
        (step, count, validating) = (report, report.step, nil)
        (self.elapsed, self.left) = (elapsed, left)
        // Of about the last ten steps.
        speed = speed.map { $0 + (tokensPerSecond - $0) / 10 } ?? tokensPerSecond
        // Measured for a moment only, perhaps while other programs were running.
        peak = max(peak, operations ?? 0)
    }

    /// Takes the fraction of a validation that is done.
    mutating func validate(_ fraction: Double) { validating = fraction }

    /// Takes the result of a validation, without a loss where there is nothing to validate on.
    mutating func add(validation loss: Double?, step: Int, sample: String) {
        if let loss { history.add(validation: loss, step: step) }
        (validation, validating, self.sample) = (loss, nil, (step, sample.withVisibleControls))
    }

    /// The speed in 10^9 operations per second.
    private var operations: Double? { speed.map { $0 * operationsPerToken / 1e9 } }
}

extension TrainingBoard {
    /// The lines that are left to the log.
    private static let logRows = 3
    /// A taller chart shows no more.
    private static let tallestChart = 20
    /// A sample of 200 characters has about five lines of verse.
    private static let longestSample = 6

    /// The board as lines, a column narrower than the terminal; nil for one that is too small.
    func lines(in size: TerminalSize, _ style: TerminalStyle) -> [String]? {
        guard size.columns >= Self.smallest.columns, size.rows >= Self.smallest.rows else { return nil }
        let width = size.columns - 1
        let figures = figures(width, style)
        let hasGaps = size.rows >= 24
        let room = size.rows - Self.logRows - 3 - figures.count - (hasGaps ? 2 : 0)
        let sampleHeight = min(Self.longestSample, max(2, (room - 2) / 4))
        let chartHeight = min(Self.tallestChart + 2, room - 1 - sampleHeight)
        let chart = LineChart(curve: history.training, marks: history.validations, limit: steps)
        let gap = hasGaps ? [""] : []
        return [bar(width, style), status(width, style), legend(chart, width, style)]
            + chart.lines(width: width, height: chartHeight, style) + gap + figures + gap
            + sampleLines(width, height: sampleHeight, style)
    }

    /// The fraction done, as a rule across the terminal: thick, then thin.
    private func bar(_ width: Int, _ style: TerminalStyle) -> String {
        let (done, rest) = style.isUTF8 ? ("━", "─") : ("=", "-")
        let filled = steps == 0 ? width : width * count / steps
        return style.green(String(repeating: done, count: filled))
            + style.dim(String(repeating: rest, count: width - filled))
    }

    private func status(_ width: Int, _ style: TerminalStyle) -> String {
        let percent = steps == 0 ? 100 : 100 * count / steps
        let made = "step \(count) of \(steps)  \(percent)%"
        let left = left.map { HumanNumbers.duration(seconds: $0) + " left" }
        let times =
            if let validating {
                ["validating \(Int(validating * 100))%"]
            } else {
                [
                    [HumanNumbers.duration(seconds: elapsed) + " elapsed", left].compactMap(\.self).joined(
                        separator: ", "), left ?? "",
                ]
            }
        let time = times.first { made.count + 2 + $0.count <= width } ?? ""
        return style.bold(made) + String(repeating: " ", count: max(1, width - made.count - time.count)) + time
    }

    private func legend(_ chart: LineChart, _ width: Int, _ style: TerminalStyle) -> String {
        let isLogarithmic = chart.scale?.isLogarithmic ?? false
        let title = "   loss" + (isLogarithmic ? ", log scale" : "")
        let line = style.hasBraille ? "⠤⠤" : ".."
        let signs = [
            ("\(line) training, smoothed", "\(LineChart.mark) validation"), ("\(line) train", "\(LineChart.mark) val"),
        ]
        for (training, validation) in signs where title.count + training.count + validation.count + 4 <= width {
            let room = width - title.count - training.count - validation.count - 2
            return style.dim(title) + String(repeating: " ", count: room) + style.cyan(training) + "  "
                + style.magenta(validation)
        }
        return style.dim(title)
    }

    /// The figures of the newest step in columns, three on a terminal of the usual width.
    private func figures(_ width: Int, _ style: TerminalStyle) -> [String] {
        func number(_ format: String, _ value: Double?) -> String { value.map { String(format: format, $0) } ?? "-" }
        let (loss, rate) = (number("%.3f", step?.loss), number("%.3g", step?.learningRate))
        let (val, norm) = (number("%.3f", validation), number("%.2f", step?.gradientNorm))
        let isBest = validation == history.best
        let best = isBest ? "" : number(", best %.3f", history.best)
        let characters = (speed.map { HumanNumbers.count(Int($0)) } ?? "-") + " chars/s"
        let share = operations.map { String(format: ", %.0f%%", 100 * $0 / peak) } ?? ""
        let work = number("%.0f", operations) + " GFLOP/s" + share
        if width < 79 {
            return [("train \(loss)", "val \(val)"), ("rate \(rate)", "norm \(norm)"), (characters, work)].map {
                $0 + String(repeating: " ", count: max(1, width / 2 - $0.count)) + $1
            }
        }
        let ofPeak = share.isEmpty ? "" : " of peak"
        return [
            [("train loss  ", loss), ("learning rate  ", rate), ("", characters)],
            [("val loss    ", val + best), ("gradient norm  ", norm), ("", work + ofPeak)],
        ].map { cells in
            zip(cells, [30, 25, 24]).map { cell, columns in
                let blank = max(1, columns * width / 79 - cell.0.count - cell.1.count)
                return style.dim(cell.0) + style.bold(cell.1)
                    + (columns == 24 ? "" : String(repeating: " ", count: blank))
            }.joined()
        }
    }

    private func sampleLines(_ width: Int, height: Int, _ style: TerminalStyle) -> [String] {
        let heading = sample.map { "sample after step \($0.step)" } ?? "a sample comes with the next validation"
        let text = VisibleText.wrapped(sample?.text ?? "", to: width - 2, count: height, style)
            .map { $0.isEmpty ? "" : "  " + $0 }
        return [style.dim(heading)] + text + [String](repeating: "", count: height - text.count)
    }
}
