import Foundation
import TinyGPT

/// Carries out a ``TrainingPlan`` and reports on it: the plan, every step, and the commands to continue with.
final class TrainingReport {
    private let plan: TrainingPlan
    private let arguments: ParsedArguments
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
    /// The folder, when it is chosen, and what keeps other processes from writing to it.
    private var locked: (folder: RunFolder, lock: RunLock)?

    /// - Parameters:
    ///   - plan: What to do.
    ///   - arguments: The command's.
    ///   - locked: The folder of a run that continues or begins again, and its lock; a new one is made and locked later.
    init(_ plan: TrainingPlan, _ arguments: ParsedArguments, _ locked: (folder: RunFolder, lock: RunLock)? = nil) {
        (self.plan, self.arguments, self.locked) = (plan, arguments, locked)
        style = TerminalStyle(descriptor: STDERR_FILENO, arguments)
        isQuiet = arguments[CommonOptions.quiet]
        isJSON = arguments[TrainCommand.json]
        events = EventWriter(isEnabled: isJSON)
        progress = ProgressLine(style: style, isQuiet: isQuiet)
    }

    /// Trains until all steps are made or a signal comes.
    func run() throws {
        if let (folder, checkpoint) = plan.resumed, checkpoint.progress.bestStep != nil || checkpoint.progress.step > 0,
            checkpoint.progress.step >= plan.settings.steps
        {
            return try reportNothingLeft(folder, checkpoint)
        }
        let run = try begin()
        if let locked, !locked.lock.isEnforced {
            note(
                "\(locked.folder.path.inOneLine) cannot be locked on its file system; make sure that no other process trains this run\n"
            )
        }
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

    private func reportDone(_ folder: RunFolder, _ evaluation: Evaluation) {
        events.write([
            "event": "done", "run": .text(folder.path), "val_loss": .number(evaluation.loss),
            "seconds": .number((ContinuousClock.now - start) / .seconds(1)),
        ])
    }

    /// Creates or resumes the run, and prints the plan.
    private func begin() throws -> TrainingRun {
        if let (folder, checkpoint) = plan.resumed {
            let configuration = try configuration(of: folder, checkpoint)
            let run = try TrainingRun(
                resuming: folder, from: checkpoint, corpus: plan.corpus, settings: plan.settings)
            try configuration.write(to: folder.configurationPath)
            note(plan.description(of: run.trainer.model))
            note(
                "continuing \(folder.path.inOneLine) from step \(run.progress.step)\(changes(since: checkpoint.settings))\n"
            )
            return run
        }
        let model = try GPT(plan.configuration, seed: plan.settings.seed)
        let folder = try locked?.folder ?? newFolder()
        var configuration = newConfiguration(model)
        configuration.commandLines = plan.earlierCommandLines + configuration.commandLines
        try configuration.write(to: folder.configurationPath)
        note(plan.description(of: model))
        note("run       \(folder.path.inOneLine)\n")
        return try TrainingRun(
            in: folder, Trainer(model, tokens: plan.corpus.train, plan.settings), corpus: plan.corpus,
            vocabulary: plan.vocabulary, data: plan.data, probe: plan.probe)
    }

    private func newFolder() throws -> RunFolder {
        let begun = try BegunRun(at: arguments[TrainCommand.run], forText: plan.text.paths[0])
        locked = (begun.folder, begun.lock)
        return begun.folder
    }

    private func newConfiguration(_ model: GPT) -> RunConfiguration {
        RunConfiguration(
            version: HelpText.version, started: Date(), commandLine: arguments.commandLine, model: model,
            training: plan.settings, data: plan.data, probe: plan.probe)
    }

    /// `config.json` of a resumed run; made again from the checkpoint where it is missing.
    private func configuration(of folder: RunFolder, _ checkpoint: Checkpoint) throws -> RunConfiguration {
        guard folder.hasConfiguration else {
            return newConfiguration(try checkpoint.model())
        }
        var configuration = try RunConfiguration(path: folder.configurationPath)
        configuration.commandLines.append(arguments.commandLine)
        configuration.training = plan.settings
        configuration.data = plan.data
        return configuration
    }

    /// The settings that differ from those before the run was stopped.
    private func changes(since old: TrainingSettings) -> String {
        let new = plan.settings
        let pairs: [(String, String, String)] = [
            ("steps", "\(old.steps)", "\(new.steps)"), ("batch", "\(old.batch)", "\(new.batch)"),
            ("accumulate", "\(old.accumulation)", "\(new.accumulation)"),
            ("batches", old.batches.rawValue, new.batches.rawValue),
            ("schedule", old.schedule.shape.rawValue, new.schedule.shape.rawValue),
            ("cooldown", "\(old.schedule.cooldown)", "\(new.schedule.cooldown)"),
            ("beta1", "\(old.optimizer.beta1)", "\(new.optimizer.beta1)"),
            ("beta2", "\(old.optimizer.beta2)", "\(new.optimizer.beta2)"),
            ("learning rate", "\(old.schedule.peak)", "\(new.schedule.peak)"),
            ("minimum learning rate", "\(old.schedule.minimum)", "\(new.schedule.minimum)"),
            ("warm-up", "\(old.schedule.warmup)", "\(new.schedule.warmup)"),
            ("weight decay", "\(old.optimizer.weightDecay)", "\(new.optimizer.weightDecay)"),
            ("clip", "\(old.optimizer.clip)", "\(new.optimizer.clip)"),
            ("eval-every", "\(old.evaluateEvery)", "\(new.evaluateEvery)"),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "; \($0.0) was \($0.1), now \($0.2)" }.joined()
    }

    private func report(_ event: TrainingRun.Event) throws {
        switch event {
        case .step(let report, let speed):
            lastStep = (report, speed)
            let line = stepLine(report, speed)
            progress.update(line)
            if report.step % 100 == 0 { progress.log(line) }
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
            if let lastStep { progress.update(stepLine(lastStep.report, lastStep.speed)) }
            let loss = "step \(step)  validation loss \(String(format: "%.4f", evaluation.loss))"
            let excerpt = VisibleText.oneLine(sample, style)
            let best = isBest ? style.green(" best") : "     "
            progress.notice(TerminalStyle.cut("\(loss)\(best)  \(style.dim(excerpt))", to: style.width))
            events.write(["event": "eval", "step": .integer(step), "val_loss": .number(evaluation.loss)])
            events.flush()
        }
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
    private func reportNothingLeft(_ folder: RunFolder, _ checkpoint: Checkpoint) throws {
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
