import Foundation
import TinyGPT

/// Reports on a training: its plan, every step, and the commands to continue with.
final class TrainingReport {
    private let plan: TrainingPlan
    private let style: TerminalStyle
    private let isQuiet: Bool
    private let isJSON: Bool
    /// Lines of JSON, with `--json`.
    private let events: EventWriter
    private var progress: ProgressLine
    private var validationLoss: Double?
    /// The last step, which the progress line returns to after a validation.
    private var lastStep: (report: Trainer.Report, speed: Double)?
    /// The start of the process's work, and the steps made before.
    private let start = ContinuousClock.now
    private var firstStep = 0

    /// - Parameters:
    ///   - plan: What is done.
    ///   - arguments: The command's.
    init(_ plan: TrainingPlan, _ arguments: ParsedArguments) {
        self.plan = plan
        style = TerminalStyle(descriptor: STDERR_FILENO, arguments)
        isQuiet = arguments[CommonOptions.quiet]
        isJSON = arguments[TrainCommand.json]
        events = EventWriter(isEnabled: isJSON)
        progress = ProgressLine(style: style, isQuiet: isQuiet)
    }

    /// Trains until all steps are made or a signal comes, reporting on the way.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - lock: What keeps other processes from writing to it.
    /// - Throws: What training throws, or an error for an output that cannot be written.
    func run(_ run: TrainingRun, _ lock: RunLock) throws {
        defer { withExtendedLifetime(lock) {} }
        reportBeginning(run, lock)
        firstStep = run.progress.step
        Interruption.install()
        defer { progress.finish() }
        let evaluation = try run.run(shouldStop: { Interruption.isRequested || events.hasFailed }) { event in
            try report(event)
        }
        progress.finish()
        guard let evaluation else {
            reportStopped(run)
            return try events.check()
        }
        reportDone(run.folder, evaluation)
        events.flush()
        try reportFinished(run)
        try events.check()
    }

    private func reportBeginning(_ run: TrainingRun, _ lock: RunLock) {
        let path = run.folder.path.inOneLine
        note(plan.description(of: run.trainer.model))
        if let (_, checkpoint) = plan.resumed {
            note("continuing \(path) from step \(run.progress.step)\(changes(since: checkpoint.settings))\n")
        } else {
            note("run       \(path)\n")
        }
        if !lock.isEnforced {
            note("\(path) cannot be locked on its file system; make sure that no other process trains this run\n")
        }
    }

    private func reportDone(_ folder: RunFolder, _ evaluation: Evaluation) {
        events.write([
            "event": "done", "run": .text(folder.path), "val_loss": .number(evaluation.loss),
            "seconds": .number((ContinuousClock.now - start) / .seconds(1)),
        ])
    }

    /// The settings that differ from those before the run was stopped.
    private func changes(since old: TrainingSettings) -> String {
        let new = plan.settings
        return TrainCommand.trainingSettings.map { ($0.name, $0.text(old), $0.text(new)) }
            .filter { $0.1 != $0.2 }.map { "; \($0.0.dropFirst(2)) was \($0.1), now \($0.2)" }.joined()
    }

    private func report(_ event: TrainingRun.Event) throws {
        switch event {
        case .step(let report, let speed):
            lastStep = (report, speed)
            let line = stepLine(report, speed)
            progress.update(line)
            // The line of a step that is validated comes after the validation.
            if !plan.settings.validates(after: report.step) { log(line, of: report) }
            events.write([
                "event": "step", "step": .integer(report.step), "loss": .number(report.loss),
                "learning_rate": .number(report.learningRate), "gradient_norm": .number(report.gradientNorm),
                "tokens_per_s": .number(speed),
            ])
        case .validating(let fraction):
            progress.update("validating \(Int(fraction * 100))%")
        case .validated(let step, let evaluation, let isBest, let sample):
            validationLoss = evaluation.loss
            // With the new validation loss, which would otherwise appear with the next step only.
            if let lastStep {
                let line = stepLine(lastStep.report, lastStep.speed)
                progress.update(line)
                log(line, of: lastStep.report)
            }
            let loss = "step \(step)  validation loss \(String(format: "%.4f", evaluation.loss))"
            let excerpt = VisibleText.oneLine(sample, style)
            let best = isBest ? style.green(" best") : "     "
            progress.notice(TerminalStyle.cut("\(loss)\(best)  \(style.dim(excerpt))", to: style.width))
            events.write(["event": "eval", "step": .integer(step), "val_loss": .number(evaluation.loss)])
            events.flush()
        }
    }

    private func log(_ line: String, of report: Trainer.Report) {
        if report.step % 100 == 0 { progress.log(line) }
    }

    private func stepLine(_ report: Trainer.Report, _ speed: Double) -> String {
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let left = elapsed / Double(report.step - firstStep) * Double(plan.settings.steps - report.step)
        let validation = validationLoss.map { String(format: "  val %.3f", $0) } ?? ""
        return "step \(report.step)/\(plan.settings.steps)  loss \(String(format: "%.3f", report.loss))\(validation)  "
            + "\(HumanNumbers.count(Int(speed))) chars/s  \(HumanNumbers.duration(seconds: elapsed)) elapsed, "
            + "\(HumanNumbers.duration(seconds: left)) left"
    }

    /// A run that is complete is left as it is.
    func reportNothingLeft(_ folder: RunFolder, _ checkpoint: Checkpoint) throws {
        let made = checkpoint.progress.step
        let more =
            TrainingPlan.moreSteps(than: made).map {
                " To train further:\n  tinygpt train --resume \(folder.path.shellPath) --steps \($0)"
            } ?? ""
        note(
            """
            \(folder.path.inOneLine) has already completed all \(made) steps.\(more)

            """)
        if isJSON {
            reportDone(folder, try Evaluation(of: try checkpoint.model(), on: plan.corpus.validation))
            try events.check()
        }
    }

    private func reportStopped(_ run: TrainingRun) {
        note(
            """
            stopped and saved after step \(run.progress.step) of \(plan.settings.steps). To continue:
              tinygpt train --resume \(run.folder.path.shellPath)\n
            """)
    }

    /// The best loss, the files, a sample, and the commands to continue with.
    private func reportFinished(_ run: TrainingRun) throws {
        guard !isQuiet, let best = run.progress.bestLoss, let step = run.progress.bestStep else { return }
        note(
            """
            best validation loss \(String(format: "%.4f", best)) at step \(step), in \
            \(HumanNumbers.duration(seconds: (ContinuousClock.now - start) / .seconds(1)))
            \(run.folder.path.inOneLine)/ holds the checkpoints, metrics.csv, samples.txt and config.json

            """)
        let checkpoint = try Checkpoint(path: run.folder.bestCheckpointPath, for: .inference)
        let generator = Generator(
            try checkpoint.model(), prompt: [checkpoint.vocabulary.startToken],
            sampler: Sampler(temperature: Sampler.defaultTemperature), seed: plan.settings.seed)
        let sample = checkpoint.vocabulary.decode(try (0..<400).map { _ in try generator.next() })
        note("a sample from the best checkpoint:\n\n")
        StandardStreams.draw(style.dim(sample.withVisibleControls))
        note("\n\nnext:\n")
        let name = run.folder.path.shellPath
        let look = plan.probe == nil ? "--prompt=\(examplePrompt.shellQuoted)" : "--probe --html heads.html"
        note("  tinygpt sample \(name)\n  tinygpt attention \(name) \(look)\n")
    }

    /// A few characters of the training text, as a prompt.
    private var examplePrompt: String {
        let start = plan.text.vocabulary.decode(plan.text.tokens[0..<min(10_000, plan.text.tokens.count)])
        let lines = start.unicodeScalars.split(whereSeparator: \.isControl)
        return lines.first { $0.count > 3 }.map { String($0.prefix(24)) } ?? ""
    }

    private func note(_ text: String) {
        if !isQuiet { StandardStreams.note(text) }
    }
}
