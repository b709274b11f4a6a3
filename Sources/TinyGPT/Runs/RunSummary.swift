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
    /// Updates made; nil without metrics.
    public private(set) var step: Int?
    /// Time spent on training steps, in seconds.
    public private(set) var seconds: Double?
    /// The lowest loss on the validation text.
    public private(set) var best: Measurement?
    /// The last loss on the validation text.
    public private(set) var last: Measurement?
    /// The loss of the last step.
    public private(set) var training: Measurement?
    private(set) var points = ThinnedMetrics(limit: 400)
    private(set) var validations = Thinned<MetricsLog.Row>(limit: 400)

    /// Reads a run. Metrics that are damaged count as none.
    ///
    /// - Parameter folder: The run.
    public init(of folder: RunFolder) {
        self.folder = folder
        configuration = try? RunConfiguration(path: folder.configurationPath)
        do { try MetricsLog.forEachRow(of: folder.metricsPath) { add($0) } } catch {
            (step, seconds, best, last, training) = (nil, nil, nil, nil, nil)
            (points, validations) = (ThinnedMetrics(limit: 400), Thinned(limit: 400))
        }
    }

    private mutating func add(_ row: MetricsLog.Row) {
        step = row.step
        seconds = row.seconds ?? seconds
        points.append(row)
        let measured = Measurement(step: row.step, loss: row.loss)
        guard row.split == .validation else { return training = measured }
        validations.append(row)
        guard row.loss.isFinite else { return }
        last = measured
        if row.loss < best?.loss ?? .infinity { best = measured }
    }
}
