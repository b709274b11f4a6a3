import Console
import TinyGPT

/// The losses of a training so far, in memory that does not grow with its length.
struct LossHistory {
    /// The losses of the validations.
    private(set) var validations: [LineChart.Point] = []
    /// The lowest of them.
    private(set) var best: Double?
    private var smoothed: Double?
    private var steps = ThinnedMetrics(limit: limit)

    /// More points than a chart is wide.
    private static let limit = 1024

    /// The smoothed training loss: means of neighboring steps, from left to right.
    var training: [LineChart.Point] { steps.points.map { LineChart.Point(x: Double($0.step), y: $0.loss) } }

    /// Adds the training loss of a step. It is smoothed by an exponential moving average over a twentieth of the steps before, at
    /// most a hundred: the steep beginning stays steep.
    mutating func add(_ loss: Double, step: Int) {
        guard loss.isFinite else { return }
        let window = min(max(Double(step) / 20, 1), 100)
        let value = smoothed.map { $0 + (loss - $0) / window } ?? loss
        smoothed = value
        steps.append(MetricsLog.Row(step: step, split: .train, loss: value))
    }

    /// Adds the loss of a validation.
    mutating func add(validation loss: Double, step: Int) {
        guard loss.isFinite else { return }
        validations.append(LineChart.Point(x: Double(step), y: loss))
        best = min(best ?? loss, loss)
    }
}

extension LossHistory {
    /// The losses in the table of a run that is resumed.
    ///
    /// - Throws: What reading it throws.
    init(of path: String) throws {
        try MetricsLog.forEachRow(of: path) { row in
            switch row.split {
            case .train: add(row.loss, step: row.step)
            case .validation: add(validation: row.loss, step: row.step)
            }
        }
    }
}
