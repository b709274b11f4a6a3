/// What a run has come to, by its configuration and its metrics.
public struct RunSummary {
    /// A loss in nats per character, and the step it was measured after.
    public struct Measurement: Encodable, Equatable, Sendable {
        /// Updates made.
        public let step: Int
        /// The loss.
        public let loss: Double
    }

    /// The run.
    public let folder: RunFolder
    /// Its settings; nil where they cannot be read.
    public let configuration: RunConfiguration?
    let metrics: MetricsSummary

    /// Updates made; nil without metrics.
    public var step: Int? { metrics.last?.step }
    /// Time spent on training steps, in seconds.
    public var seconds: Double? { metrics.seconds }
    /// The lowest loss on the validation text.
    public var best: Measurement? { metrics.bestValidation.map(Measurement.init) }
    /// The last loss on the validation text.
    public var last: Measurement? { metrics.lastValidation.map(Measurement.init) }
    /// The loss of the last step.
    public var training: Measurement? { metrics.lastStep.map(Measurement.init) }

    /// Reads a run. Metrics that are damaged count as none.
    ///
    /// - Parameter folder: The run.
    public init(of folder: RunFolder) {
        self.folder = folder
        configuration = try? RunConfiguration(path: folder.configurationPath)
        let none = MetricsSummary(points: (steps: 400, validations: 400))
        var metrics = none
        do { try MetricsLog.forEachRow(of: folder.metricsPath) { metrics.append($0) } } catch { metrics = none }
        self.metrics = metrics
    }
}

extension RunSummary.Measurement {
    /// The loss of a row.
    init(_ row: MetricsLog.Row) { (step, loss) = (row.step, row.loss) }
}
