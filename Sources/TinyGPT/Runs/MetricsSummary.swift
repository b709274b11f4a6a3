/// What the rows of a run's metrics come to, in memory that does not grow with their number.
struct MetricsSummary {
    /// The last row.
    private(set) var last: MetricsLog.Row?
    /// The last of a step, of a validation, and that of the lowest validation loss; of validations only finite ones.
    private(set) var lastStep, lastValidation, bestValidation: MetricsLog.Row?
    /// Time spent on training steps, in seconds; nil where no row has it.
    private(set) var seconds: Double?
    /// The steps as points of a chart.
    private(set) var points: ThinnedMetrics
    /// Validations, the last among them.
    private(set) var validations: Thinned<MetricsLog.Row>

    /// A summary of no rows.
    ///
    /// - Parameter points: The most steps and the most validations that are kept.
    init(points: (steps: Int, validations: Int)) {
        self.points = ThinnedMetrics(limit: points.steps)
        validations = Thinned(limit: points.validations)
    }

    /// Takes in the next row.
    mutating func append(_ row: MetricsLog.Row) {
        last = row
        seconds = row.seconds ?? seconds
        points.append(row)
        guard row.split == .validation else { return lastStep = row }
        validations.append(row)
        guard row.loss.isFinite else { return }
        lastValidation = row
        if row.loss < bestValidation?.loss ?? .infinity { bestValidation = row }
    }
}
