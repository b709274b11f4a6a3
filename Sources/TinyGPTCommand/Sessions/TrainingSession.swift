import Foundation
import TinyGPT

/// `tinygpt train` at work: tells what it is going to do, does it, and says what to do next.
struct TrainingSession {
    private let plan: TrainingPlan
    private let arguments: ParsedArguments
    private let style: TerminalStyle
    private let isQuiet: Bool
    private let isJSON: Bool
    /// Whoever reads the lines of JSON.
    private let reader: EventReader
    private var progress: ProgressLine
    private var validationLoss: Double?
    /// The state that the progress line goes back to after a validation.
    private var lastStepLine = ""
    /// When this session began, and how many steps had been made then.
    private let start = ContinuousClock.now
    private var firstStep = 0

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        style = TerminalStyle(descriptor: STDERR_FILENO, arguments: arguments)
        isQuiet = arguments.flag("quiet")
        isJSON = arguments.flag("json")
        reader = EventReader(isListening: isJSON)
        progress = ProgressLine(style: style, isQuiet: isQuiet)
        if let threads = arguments.integer("threads") { Compute.threads = threads }
        plan =
            arguments.isGiven("resume")
            ? try TrainingPlan(resuming: try Self.runToResume(arguments), arguments)
            : try TrainingPlan(arguments)
    }

    /// The run that `--resume RUN` names, or `--run RUN` beside a `--resume` that names none, or the newest.
    private static func runToResume(_ arguments: ParsedArguments) throws -> RunFolder {
        if let named = arguments.text("resume"), let other = arguments.text("run"), named != other {
            throw UsageError("--resume \(named) and --run \(other) name two runs; name one")
        }
        return try RunFolder.find(arguments.text("resume") ?? arguments.text("run"))
    }

    mutating func run() throws {
        if let (folder, checkpoint) = plan.resumed, checkpoint.progress.step > 0,
            checkpoint.progress.step >= plan.settings.steps
        {
            return try tellNothingLeft(folder, checkpoint)
        }
        var run = try begin()
        firstStep = run.progress.step
        Interruption.install()
        defer { progress.finish() }
        let evaluation = try run.run(shouldStop: { Interruption.isRequested || reader.isGone }) { event in
            try tell(event)
        }
        progress.finish()
        guard let evaluation else {
            sayStopped(run)
            return try reader.check()
        }
        tellDone(run.folder, evaluation)
        reader.flush()
        try sayFinished(run)
        try reader.check()
    }

    private func tellDone(_ folder: RunFolder, _ evaluation: Evaluation) {
        reader.tell([
            "event": "done", "run": .text(folder.path), "val_loss": .number(evaluation.loss),
            "seconds": .number((ContinuousClock.now - start) / .seconds(1)),
        ])
    }

    /// Makes or finds the run, and tells what is going to happen.
    private func begin() throws -> TrainingRun {
        if let (folder, checkpoint) = plan.resumed {
            let configuration = try configuration(of: folder, checkpoint)
            let run = try TrainingRun(
                resuming: folder, from: checkpoint, corpus: plan.corpus, settings: plan.settings)
            try configuration.write(to: folder.configurationPath)
            note(PlanDescription(plan, run.trainer.model).text)
            note("going on with \(folder.path) after step \(run.progress.step)\(changes(since: checkpoint.settings))\n")
            return run
        }
        let model = try GPT(plan.configuration, seed: plan.settings.seed)
        let folder =
            try arguments.text("run").map { try RunFolder.create(at: $0) }
            ?? RunFolder.create(forText: plan.text.paths[0])
        try newConfiguration(model).write(to: folder.configurationPath)
        note(PlanDescription(plan, model).text)
        note("run       \(folder.path)\n")
        return try TrainingRun(
            in: folder, Trainer(model, tokens: plan.corpus.train, plan.settings), corpus: plan.corpus,
            vocabulary: plan.vocabulary, data: plan.data, probe: plan.probe)
    }

    private func newConfiguration(_ model: GPT) -> RunConfiguration {
        RunConfiguration(
            version: HelpText.version, started: Date(), commandLine: arguments.commandLine, model: model,
            training: plan.settings, data: plan.data)
    }

    /// What `config.json` of a run that goes on has to say; it is made again from the checkpoint where it is missing.
    private func configuration(of folder: RunFolder, _ checkpoint: Checkpoint) throws -> RunConfiguration {
        guard FileManager.default.fileExists(atPath: folder.configurationPath) else {
            return newConfiguration(try checkpoint.model())
        }
        var configuration = try RunConfiguration(path: folder.configurationPath)
        configuration.commandLines.append(arguments.commandLine)
        configuration.training = plan.settings
        configuration.data = plan.data
        return configuration
    }

    /// The settings that are not what they were before the run was stopped.
    private func changes(since old: TrainingSettings) -> String {
        let new = plan.settings
        let pairs: [(String, String, String)] = [
            ("steps", "\(old.steps)", "\(new.steps)"), ("batch", "\(old.batch)", "\(new.batch)"),
            ("learning rate", "\(old.schedule.highest)", "\(new.schedule.highest)"),
            ("lowest learning rate", "\(old.schedule.lowest)", "\(new.schedule.lowest)"),
            ("warm-up", "\(old.schedule.warmup)", "\(new.schedule.warmup)"),
            ("weight decay", "\(old.optimizer.weightDecay)", "\(new.optimizer.weightDecay)"),
            ("clip", "\(old.optimizer.clip)", "\(new.optimizer.clip)"),
            ("eval-every", "\(old.evaluateEvery)", "\(new.evaluateEvery)"),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "; \($0.0) was \($0.1), now \($0.2)" }.joined()
    }

    private mutating func tell(_ event: TrainingRun.Event) throws {
        switch event {
        case .step(let report, let speed):
            let line = stepLine(report, speed)
            lastStepLine = line
            progress.update(line)
            if report.step % 100 == 0 { progress.log(line) }
            reader.tell([
                "event": "step", "step": .integer(report.step), "loss": .number(report.loss),
                "learning_rate": .number(report.learningRate), "gradient_norm": .number(report.gradientNorm),
                "tokens_per_s": .number(speed),
            ])
        case .validating(let fraction):
            progress.update("validating \(Int(fraction * 100))%")
        case .validated(let step, let evaluation, let isBest, let sample):
            validationLoss = evaluation.loss
            progress.update(lastStepLine)
            let loss = "step \(step)  validation loss \(String(format: "%.4f", evaluation.loss))"
            let excerpt = VisibleText.oneLine(sample, style)
            let best = isBest ? style.paint(" best", .green) : "     "
            progress.notice(TerminalStyle.cut("\(loss)\(best)  \(style.dim(excerpt))", to: style.width))
            reader.tell(["event": "eval", "step": .integer(step), "val_loss": .number(evaluation.loss)])
            reader.flush()
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
    private func tellNothingLeft(_ folder: RunFolder, _ checkpoint: Checkpoint) throws {
        let made = checkpoint.progress.step
        note(
            """
            all \(made) steps of \(folder.path) are made; to go on:
              tinygpt train --resume \(folder.path.shellQuoted) --steps \(2 * made)\n
            """)
        if isJSON {
            tellDone(folder, try Evaluation(of: try checkpoint.model(), on: plan.corpus.validation))
            try reader.check()
        }
    }

    private func sayStopped(_ run: TrainingRun) {
        note(
            """
            stopped and saved after step \(run.progress.step) of \(plan.settings.steps). To go on from there:
              tinygpt train --resume \(run.folder.path.shellQuoted)\n
            """)
    }

    /// Best loss, where things are, a sample, and what to type next.
    private func sayFinished(_ run: TrainingRun) throws {
        guard !isQuiet, let best = run.progress.bestLoss, let step = run.progress.bestStep else { return }
        note(
            """
            best validation loss \(String(format: "%.4f", best)) at step \(step), in \
            \(HumanNumbers.duration(seconds: (ContinuousClock.now - start) / .seconds(1)))
            \(run.folder.path)/ holds the checkpoints, metrics.csv, samples.txt and config.json

            """)
        let checkpoint = try Checkpoint(path: run.folder.bestCheckpointPath)
        let prompt = checkpoint.vocabulary.index(of: "\n") ?? 0
        let generator = Generator(
            try checkpoint.model(), prompt: [prompt], sampler: Sampler(temperature: 0.8), seed: plan.settings.seed)
        let sample = checkpoint.vocabulary.decode((0..<400).map { _ in generator.next() })
        note("a sample of the best checkpoint:\n\n\(style.dim(sample))\n\nnext:\n")
        let name = run.folder.path.shellQuoted
        note(
            "  tinygpt sample \(name)\n  tinygpt attention \(name) \(plan.probe == nil ? "--prompt \"\(examplePrompt)\"" : "--probe --html heads.html")\n"
        )
    }

    /// A few characters of the text that was trained on, to look at.
    private var examplePrompt: String {
        let line = plan.text.scalars.split(separator: "\n").first { $0.count > 3 } ?? []
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: line.prefix(24).filter { !["\"", "$", "`", "\\", "!"].contains($0) })
        return String(scalars)
    }

    private func note(_ text: String) {
        if !isQuiet { StandardStreams.note(text) }
    }
}
