import Console
import TinyGPT

/// `tinygpt train`: makes a model out of text.
struct TrainCommand: Command {
    static let preset = Option<Preset>(
        "preset",
        "Defaults for the options below: cpu is nanoGPT's model for a CPU, baby its larger one, which takes hours; "
            + "fast learns most in a minute or two, best in a quarter of an hour; these two look at the text's length: "
            + "below 450,000 characters they are the same, and the defaults below are for a million"
    ).or(.cpu)
    static let run = Option<String>(
        "run", as: "DIR", "Folder to create for the run", default: "a new one under \(RunFolder.defaultBase)/")
    static let resume = Option<String>(
        "resume", as: "RUN", isOptional: true,
        "Continue a run exactly where it stopped (the newest run if RUN is omitted)")
    static let plan = Flag(
        "plan", "Only say what the training would take: parameters, memory, time, size of checkpoints")
    static let minutes = Option<Double>(
        "minutes", in: .above(0, upTo: 525_600), as: "M",
        "Choose the steps so that training and validations end within M minutes; with a linear schedule, they are "
            + "adjusted to the speed until the learning rate falls; fast and best end sooner where more steps would learn "
            + "the text by heart")
    static let saveEvery = Option<Int>(
        "save-every", in: 1...1_000_000,
        "Seconds between checkpoints; one is also saved before and after every validation"
    ).or(60)
    static let seed = CommonOptions.seed("Seed of all random numbers; the same seed gives the same model")

    static let probe = Option<String>(
        "probe", as: "TEXT", "Record the attention on this text at every validation, to watch heads form")
    static let probeWeights = Flag(
        "probe-weights",
        "Keep the weights of every validation, too: the explorer's slider then runs the model of that step on any text"
    )
    static let tensorboard = Flag(
        "tensorboard", "Write event files for TensorBoard into the run folder: tensorboard --logdir runs")
    static let plain = Flag("plain", "Print lines instead of the live board that a terminal of 20 lines shows")
    static let json = Flag("json", "Print every step as a line of JSON on standard output")

    let declaration = CommandDeclaration(
        name: "train",
        summary: "Train a model on text files",
        description: "Trains a character-level GPT on text files and keeps everything in a run folder. "
            + "Ctrl-C finishes the current step and saves; --resume continues from there.",
        examples: [
            Example("tinygpt train", "Shakespeare's sonnets, the small preset"),
            Example("tinygpt train notes.txt --run runs/notes", "your own text, a folder of your choice"),
            Example("tinygpt train --preset baby --batch 16", "a larger model, a smaller batch"),
            Example("tinygpt train --resume", "continue the newest run"),
        ],
        positionals: [
            Positional(
                "TEXT", "UTF-8 text files, concatenated in this order; of a folder, all .txt and .md",
                default: "Shakespeare's sonnets", isRepeated: true)
        ],
        groups: [
            OptionGroup("Common options", [preset, steps, minutes, plan, run, resume, seed, CommonOptions.threads]),
            OptionGroup("Model", modelOptions), OptionGroup("Training", trainingOptions),
            OptionGroup("Output", [saveEvery, probe, probeWeights, tensorboard, plain, json] + CommonOptions.output),
        ],
        exclusive: [[steps, minutes], [resume, minutes], [resume, plan]] + CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        let processes = try Processes.join()
        if processes.count > 1 { Compute.threads = Processes.threadsOfEach }
        arguments.applyThreads()
        guard processes.isFirst else { return Self.follow(arguments, processes) }
        try processes.lead { try Self.lead(arguments, processes) }
    }

    /// What a process alone does, and the first of several.
    private static func lead(_ arguments: ParsedArguments, _ processes: Processes) throws {
        if processes.count > 1, arguments.positionals.contains("-") {
            throw CommandError(
                .usage, "standard input reaches the first process alone; name a file that every process can read")
        }
        guard arguments.isGiven(Self.resume) else { return try begin(arguments, processes) }
        // Locked before the checkpoint is read, which another process could be about to replace.
        let folder = try runToResume(arguments)
        let lock = try RunLock(folder)
        let isUnsaved = folder.isUnsaved
        let plan =
            isUnsaved
            ? try TrainingPlan(beginningAgain: folder, arguments, among: processes)
            : try TrainingPlan(resuming: folder, arguments, among: processes)
        if isUnsaved { try folder.clear() }
        try train(plan, arguments, processes, (folder, lock))
    }

    /// Plans a new run, and begins it unless the plan is all that is asked for.
    private static func begin(_ arguments: ParsedArguments, _ processes: Processes) throws {
        let start = ContinuousClock.now
        var plan = try TrainingPlan(arguments, among: processes)
        let minutes = arguments[minutes]
        if processes.count > 1, arguments[Self.plan] || minutes != nil {
            throw CommandError(
                .usage,
                "--plan and --minutes time the steps of one process; omit them, or start the program without mpirun")
        }
        if arguments[Self.plan] || minutes != nil {
            let forecast = try plan.forecast(arguments, minutes: minutes)
            if let minutes { try plan.fit(minutes: minutes, since: start, forecast) }
            if let advice = plan.advice, !arguments[Self.plan], !arguments[CommonOptions.quiet] {
                StandardStreams.note("advice    \(advice)\n")
            }
            if arguments[Self.plan] {
                return try StandardStreams.output.write(plan.report(forecast, asJSON: arguments[json]))
            }
        }
        try train(plan, arguments, processes)
    }

    /// - Parameters:
    ///   - plan: What to do.
    ///   - arguments: The command's.
    ///   - processes: The processes that train together.
    ///   - locked: The folder of a run that continues or begins again, and its lock; nil for a new run.
    /// - Throws: What beginning, training and reporting throw.
    private static func train(
        _ plan: TrainingPlan, _ arguments: ParsedArguments, _ processes: Processes,
        _ locked: (folder: RunFolder, lock: RunLock)? = nil
    ) throws {
        let report = TrainingReport(plan, arguments)
        if let (folder, checkpoint) = plan.resumed, checkpoint.progress.isComplete(plan.settings) {
            return try report.reportNothingLeft(folder, checkpoint)
        }
        try plan.compare(among: processes, arguments)
        let (run, configuration, lock) = try plan.begin(arguments, processes, locked)
        run.trainer.copyState()
        try report.run(run, configuration, lock)
    }

    /// The run that `--resume RUN` names, or `--run RUN` beside a `--resume` that names none, or the newest.
    private static func runToResume(_ arguments: ParsedArguments) throws -> RunFolder {
        if let named = arguments[resume], let other = arguments[run], named != other {
            throw UsageError("--resume \(named.quoted) and --run \(other.quoted) name different runs; name only one")
        }
        return try RunFolder.find(arguments[resume] ?? arguments[run], includesUnsaved: true)
    }
}
