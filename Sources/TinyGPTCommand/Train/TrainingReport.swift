import Console
import Foundation
import TinyGPT

/// Reports on a training: its plan, every step, and the commands to continue with.
final class TrainingReport {
    private var plan: TrainingPlan
    private let style: TerminalStyle
    private let isQuiet: Bool
    private let isJSON: Bool
    private let saveEvery: Int
    /// Lines of JSON, with `--json`.
    private let events: EventWriter
    /// Whether the live board is shown where the terminal has room for it.
    private let hasBoard: Bool
    private var display: TrainingDisplay
    private var validationLoss: Double?
    /// The last step, which the progress line returns to after a validation.
    private var lastStep: (report: Trainer.Report, speed: Double)?
    /// The start of the process's work.
    private let start = ContinuousClock.now
    /// The steps made before the first of this process, and when that one began; nil until it is made.
    private var beginning: (step: Int, time: ContinuousClock.Instant)?

    /// - Parameters:
    ///   - plan: What is done.
    ///   - arguments: The command's.
    init(_ plan: TrainingPlan, _ arguments: ParsedArguments) {
        self.plan = plan
        style = TerminalStyle(descriptor: STDERR_FILENO, arguments)
        isQuiet = arguments[CommonOptions.quiet]
        isJSON = arguments[TrainCommand.json]
        saveEvery = arguments[TrainCommand.saveEvery]
        events = EventWriter(isEnabled: isJSON)
        display = TrainingDisplay(style, isQuiet: isQuiet)
        // Lines of JSON on the same terminal would be drawn over.
        hasBoard =
            style.canRedraw && !isQuiet && !arguments[TrainCommand.plain]
            && !(isJSON && StandardStreams.output.isTerminal)
    }

    /// Trains until all steps are made or a signal comes, reporting on the way.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - configuration: Its `config.json`.
    ///   - lock: What keeps other processes from writing to it.
    /// - Throws: What training throws, or an error for an output that cannot be written.
    func run(_ run: TrainingRun, _ configuration: RunConfiguration, _ lock: RunLock) throws {
        var configuration = configuration
        defer { withExtendedLifetime(lock) {} }
        if hasBoard { display.board = try TrainingBoard(of: run) }
        reportBeginning(run, lock)
        Interruption.install()
        defer { display.finish() }
        plan.timeLimit?.begin()
        let outcome = try run.run(
            saveEvery: .seconds(saveEvery),
            shouldStop: {
                Interruption.isRequested || run.trainer.processes.isAskedToStop || events.hasFailed
            }
        ) { event in
            if case .step = event { try chooseSteps(of: run, &configuration) }
            try report(event)
        }
        display.finish()
        switch outcome {
        case .stopped:
            reportStopped(run)
            return try events.check()
        case .completed(let evaluation): reportDone(run.folder, evaluation)
        }
        events.flush()
        try reportFinished(run)
        try events.check()
    }

    /// With a time limit, changes the steps where those that are made have taken another time than was thought.
    private func chooseSteps(of run: TrainingRun, _ configuration: inout RunConfiguration) throws {
        let (old, made) = (plan.settings.steps, run.progress.step)
        guard let steps = plan.timeLimit?.steps(insteadOf: old, after: made) else { return }
        try plan.changeSteps(to: steps, of: run, &configuration)
        display.board?.steps = steps
        let end = steps == plan.timeLimit?.maximumSteps ? "; more would learn the text by heart" : ""
        display.notice(
            "step \(made)  \(steps) steps instead of \(old) by the speed so far, as with --steps \(steps)\(end)")
        events.write(["event": "steps", "step": .integer(made), "steps": .integer(steps)])
    }

    private func reportBeginning(_ run: TrainingRun, _ lock: RunLock) {
        let path = run.folder.path.inOneLine
        note(plan.description(of: run.trainer))
        if let (_, checkpoint) = plan.resumed {
            note("continuing \(path) from step \(run.progress.step)\(changes(since: checkpoint.settings))\n")
        } else {
            note("run       \(path)\n")
        }
        if !lock.isEnforced {
            note("\(path) cannot be locked on its file system; make sure that no other process trains this run\n")
        }
    }

    private func reportDone(_ folder: RunFolder, _ evaluation: Evaluation?) {
        events.write([
            "event": "done", "run": .text(folder.path), "val_loss": evaluation.map { .number($0.loss) } ?? .null,
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
            beginning = beginning ?? (report.step - 1, .now - .seconds(Double(report.characters) / speed))
            let (elapsed, left) = times(after: report.step)
            display.board?.add(report, tokensPerSecond: speed, elapsed: elapsed, left: left)
            let line = stepLine(report, speed)
            display.update(line)
            // The line of a step that is validated comes after the validation.
            if !plan.settings.validates(after: report.step) { log(line, of: report) }
            events.write([
                "event": "step", "step": .integer(report.step), "loss": .number(report.loss),
                "learning_rate": .number(report.learningRate), "gradient_norm": .number(report.gradientNorm),
                "tokens_per_s": .number(speed),
            ])
        case .pageFailed(let reason): display.notice("training goes on without the page of the run: \(reason)")
        case .snapshotFailed(let step, let reason):
            display.notice("training goes on without a snapshot of the weights at step \(step): \(reason)")
        case .validating(let fraction):
            display.board?.validate(fraction)
            display.update("validating \(Int(fraction * 100))%")
        case .validated(let step, let evaluation, let isBest, let sample):
            validationLoss = evaluation?.loss
            display.board?.add(validation: validationLoss, step: step, sample: sample)
            // With the new validation loss, which would otherwise appear with the next step only.
            if let lastStep {
                let line = stepLine(lastStep.report, lastStep.speed)
                display.update(line)
                log(line, of: lastStep.report)
            }
            let loss =
                "step \(step)" + (evaluation.map { String(format: "  validation loss %.4f", $0.loss) } ?? "  saved")
            let excerpt = VisibleText.oneLine(sample, style)
            let best = isBest ? style.green(" best") : "     "
            display.notice(TerminalStyle.cut("\(loss)\(best)  \(style.dim(excerpt))", to: style.width))
            if let evaluation {
                events.write(["event": "eval", "step": .integer(step), "val_loss": .number(evaluation.loss)])
            }
            events.flush()
        }
    }

    private func log(_ line: String, of report: Trainer.Report) {
        if report.step % 100 == 0 { display.log(line) }
    }

    private func stepLine(_ report: Trainer.Report, _ speed: Double) -> String {
        let (elapsed, left) = times(after: report.step)
        let validation = validationLoss.map { String(format: "  val %.3f", $0) } ?? ""
        return "step \(report.step)/\(plan.settings.steps)  loss \(String(format: "%.3f", report.loss))\(validation)  "
            + "\(HumanNumbers.count(Int(speed))) chars/s  \(HumanNumbers.duration(seconds: elapsed)) elapsed, "
            + "\(HumanNumbers.duration(seconds: left)) left"
    }

    /// The seconds since the start, and those until the end at the speed since the first step: what comes before it, such as
    /// the validation of the initial state, is not made again.
    private func times(after step: Int) -> (elapsed: Double, left: Double) {
        let now = ContinuousClock.now
        let perStep = beginning.map { (now - $0.time) / .seconds(1) / Double(step - $0.step) } ?? 0
        return ((now - start) / .seconds(1), perStep * Double(plan.settings.steps - step))
    }

    /// A run that is complete is left as it is.
    func reportNothingLeft(_ folder: RunFolder, _ checkpoint: Checkpoint) throws {
        let made = checkpoint.progress.step
        let isEarly = checkpoint.progress.hasLostPatience(plan.settings)
        let option =
            isEarly
            ? plan.settings.morePatience
            : TrainingPlan.moreSteps(than: made).map { "--steps \($0)" }
        let more =
            option.map { " To train further:\n  tinygpt train --resume \(folder.path.shellPath) \($0)" } ?? ""
        note(
            """
            \(folder.path.inOneLine) has already \(isEarly ? "ended by --patience after" : "completed all") \(made) steps.\(more)

            """)
        if isJSON {
            let validation = plan.corpus.validation
            reportDone(
                folder,
                validation.count == 0
                    ? nil : try Evaluation(of: try checkpoint.model(), on: validation, lineBreak: plan.corpus.lineBreak)
            )
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
        guard !isQuiet else { return }
        let duration = HumanNumbers.duration(seconds: (ContinuousClock.now - start) / .seconds(1))
        let (loss, step) = (run.progress.bestLoss, run.progress.bestStep)
        if let loss, let step {
            note("best validation loss \(String(format: "%.4f", loss)) at step \(step), in \(duration)\n")
        } else {
            note("trained on the whole text, without a validation, in \(duration)\n")
        }
        note(rise(of: run))
        note(
            "\(run.folder.path.inOneLine)/ holds index.html to look at, the checkpoints, metrics.csv, samples.txt and config.json\n"
        )
        let isBest = step != nil
        let checkpoint = try Checkpoint(
            path: isBest ? run.folder.bestCheckpointPath : run.folder.lastCheckpointPath, for: .inference)
        let sample = try TrainingRun.sample(of: checkpoint.model(), checkpoint.vocabulary, plan.settings, length: 400)
        note("a sample from the \(isBest ? "best" : "last") checkpoint:\n\n")
        StandardStreams.draw(style.dim(sample.withVisibleControls))
        note("\n\nnext:\n")
        let name = run.folder.path.shellPath
        let look = plan.probe == nil ? "--prompt=\(plan.examplePrompt.shellQuoted)" : "--probe --html heads.html"
        note("  \(plan.sampleCommand(run.folder))\n  tinygpt attention \(name) \(look)\n")
    }

    /// What a run says whose validation loss was lower before its end, or that ended early; empty for any other run.
    private func rise(of run: TrainingRun) -> String {
        let (progress, settings) = (run.progress, plan.settings)
        let isEarly = progress.hasLostPatience(settings)
        guard let best = progress.bestLoss, let step = progress.bestStep, let last = validationLoss else { return "" }
        let end = isEarly ? "stopped at step \(progress.step): " : ""
        guard last > best + Evaluation.noise else {
            return isEarly ? "\(end)no validation after step \(step) was better\n" : ""
        }
        let rise = "\(end)after step \(step) the validation loss rose to \(String(format: "%.4f", last))"
        guard let isOverfitting = run.hasTrainingLossFallen else { return "\(rise)\n" }
        guard isOverfitting else {
            return "\(rise), and the training loss did not fall either: a lower --learning-rate helps\n"
        }
        let help =
            plan.configuration.dropout < 0.2 ? "--dropout 0.2 or more text helps" : "more text or a smaller model helps"
        let wouldHaveStopped = !isEarly && settings.validations(after: step, through: settings.steps - 1) >= 3
        return "\(rise): the model began to learn the text by heart; \(help)"
            + (wouldHaveStopped ? ", and --patience 3 would have stopped it\n" : "\n")
    }

    private func note(_ text: String) {
        guard !isQuiet else { return }
        StandardStreams.note(text)
        display.remember(text.withVisibleControls)
    }
}
