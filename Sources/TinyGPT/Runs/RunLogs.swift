/// What a run writes beside its checkpoints: its losses, its samples, the attention on a probe text, snapshots of its weights,
/// event files and its page.
struct RunLogs {
    private let metrics: MetricsLog
    private let samples: SamplesLog
    /// The attention on a probe text; nil without one.
    let probe: ProbeLog?
    /// The weights of every validation; nil where they are not kept.
    private let snapshots: WeightSnapshots?
    /// The last validation of the state that a run is resumed from.
    private var resumedValidation: Int?
    /// Event files; nil where none are asked for.
    var events: EventLog?
    /// The page; nil where none is asked for.
    var page: RunPageLog?
    private var hasPageFailed = false

    /// The logs of a new run.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    init(beginningIn folder: RunFolder, probe: String?, probeWeights: Bool) throws {
        metrics = try MetricsLog(creatingAt: folder.metricsPath)
        samples = try SamplesLog(creatingAt: folder.samplesPath)
        self.probe = try probe.map { try ProbeLog(creatingAt: folder.probePath, text: $0) }
        snapshots = probeWeights ? WeightSnapshots(of: folder) : nil
        AtomicFile.synchronizeFolder(folder.path)
    }

    /// The logs of a resumed run, up to the state it is resumed from.
    ///
    /// - Throws: ``TinyGPTError`` for a damaged log, or when a file cannot be written.
    init(resumingIn folder: RunFolder, from checkpoint: Checkpoint, probeWeights: Bool) throws {
        let progress = checkpoint.progress
        // An imported model comes without a log.
        metrics = try MetricsLog(
            resumingAt: folder.metricsPath, after: progress.isNew ? nil : progress.step,
            validatedThrough: progress.validatedStep)
        let validation = metrics.lastValidation ?? progress.bestStep
        samples = try SamplesLog(
            resumingAt: folder.samplesPath, after: progress.validatedStep, validatedAt: validation,
            sampleLength: TrainingRun.sampleLength)
        probe =
            folder.hasProbe
            ? try ProbeLog(resumingAt: folder.probePath, from: checkpoint, validatedAt: validation) : nil
        try WeightSnapshots(of: folder).drop(after: progress.validatedStep)
        snapshots = probeWeights ? WeightSnapshots(of: folder) : nil
        resumedValidation = validation
    }

    /// Appends the measurements of a step.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``, as all that append.
    func append(_ report: Trainer.Report, tokensPerSecond: Double, seconds: Double) throws {
        try append(
            MetricsLog.Row(
                step: report.step, split: .train, loss: report.loss, learningRate: report.learningRate,
                gradientNorm: report.gradientNorm, tokensPerSecond: tokensPerSecond, seconds: seconds))
        try events?.append(
            step: report.step,
            [
                ("loss/train", report.loss), ("learning rate", report.learningRate),
                ("gradient norm", report.gradientNorm), ("characters per second", tokensPerSecond),
            ])
    }

    /// Appends a validation loss.
    func append(_ evaluation: Evaluation, step: Int, seconds: Double) throws {
        try append(MetricsLog.Row(step: step, split: .validation, loss: evaluation.loss, seconds: seconds))
        try events?.append(step: step, [("loss/validation", evaluation.loss)])
    }

    private func append(_ row: MetricsLog.Row) throws {
        try metrics.append(row)
        page?.append(row)
    }

    /// Appends a sample, with the validation loss of its model where that was measured.
    func append(sample: String, step: Int, loss: Double?) throws {
        try samples.append(step: step, loss: loss, sample)
        page?.append(step: step, sample)
        try events?.append(step: step, name: "sample", text: sample)
    }

    /// Makes the logs survive a power failure as the checkpoint will that is saved next: a few small files, together 0.6 ms on a
    /// virtual machine's disk, where a checkpoint takes 6.
    func synchronize() throws {
        try metrics.synchronize()
        try samples.synchronize()
        try probe?.synchronize()
        try events?.synchronize()
    }

    /// Keeps the weights of a checkpoint that was written at a validation.
    ///
    /// - Returns: Why they could not be kept; nil where they were, or are not to be.
    func keepWeights(_ checkpoint: Checkpoint) -> String? {
        do { try snapshots?.write(checkpoint) } catch { return "\(error)" }
        return nil
    }

    /// Whether the weights of the checkpoint that a run is resumed from are to be kept and are not: it was killed before that.
    func lacksWeights(of progress: Checkpoint.Progress) -> Bool {
        guard let snapshots else { return false }
        return resumedValidation == progress.step && !snapshots.contains(progress.step)
    }

    /// Writes the page.
    ///
    /// - Returns: Why it could not be written, the first time; nil where it was, and later.
    mutating func writePage(_ state: RunPage.State) -> String? {
        do { try page?.write(state) } catch {
            defer { hasPageFailed = true }
            return hasPageFailed ? nil : "\(error)"
        }
        return nil
    }
}
