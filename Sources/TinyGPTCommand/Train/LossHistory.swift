import Console
import TinyGPT

/// The losses of a training so far, in memory that does not grow with its length.
struct LossHistory {
    /// The smoothed training loss: means of neighboring steps, from left to right.
    private(set) var training: [LineChart.Point] = []
    /// The losses of the validations.
    private(set) var validations: [LineChart.Point] = []
    /// The lowest of them.
    private(set) var best: Double?
    private var smoothed: Double?
    /// The steps in each point, twice as many whenever there are too many points.
    private var width = 1
    private var pending: (sum: Double, count: Int) = (0, 0)

    /// More points than a chart is wide.
    private static let limit = 1024

    /// Adds the training loss of a step. It is smoothed by an exponential moving average over a twentieth of the steps before, at
    /// most a hundred: the steep beginning stays steep.
    mutating func add(_ loss: Double, step: Int) {
        guard loss.isFinite else { return }
        let window = min(max(Double(step) / 20, 1), 100)
        let value = smoothed.map { $0 + (loss - $0) / window } ?? loss
        smoothed = value
        pending = (pending.sum + value, pending.count + 1)
        guard pending.count == width else { return }
        training.append(LineChart.Point(x: Double(step), y: pending.sum / Double(width)))
        pending = (0, 0)
        if training.count == Self.limit { halve() }
    }

    /// Adds the loss of a validation.
    mutating func add(validation loss: Double, step: Int) {
        guard loss.isFinite else { return }
        validations.append(LineChart.Point(x: Double(step), y: loss))
        best = min(best ?? loss, loss)
    }

    private mutating func halve() {
        training = stride(from: 0, to: training.count, by: 2).map {
            LineChart.Point(x: training[$0 + 1].x, y: (training[$0].y + training[$0 + 1].y) / 2)
        }
        width *= 2
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
