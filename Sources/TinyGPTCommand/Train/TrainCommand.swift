import TinyGPT

/// `tinygpt train`: makes a model out of text.
struct TrainCommand: Command {
    static let preset = Option<Preset>(
        "preset", "Defaults for the options below: cpu takes minutes on a laptop, baby hours"
    ).or(.cpu)
    static let steps = Option<Int>(
        "steps", in: TrainingSettings.Limits.steps, "Optimizer steps in total; 0 writes the initial model",
        default: Preset.describe { $0.settings.steps }, aliases: ["max-iters"])
    static let run = Option<String>(
        "run", as: "DIR", "Folder to create for the run", default: "a new one under \(RunFolder.defaultBase)/")
    static let resume = Option<String>(
        "resume", as: "RUN", isOptional: true,
        "Continue a run exactly where it stopped (the newest run if RUN is omitted)")
    static let seed = CommonOptions.seed("Seed of all random numbers; the same seed gives the same model")

    static let architecture = CommonOptions.architecture
    static let layers = Option<Int>(
        "layers", in: GPT.Configuration.Limits.layers, "Transformer blocks", default: describe(\.layers),
        aliases: ["n-layer"])
    static let heads = Option<Int>(
        "heads", in: GPT.Configuration.Limits.heads, "Attention heads in each block; must divide the width",
        default: describe(\.heads),
        aliases: ["n-head"])
    static let width = Option<Int>(
        "width", in: GPT.Configuration.Limits.width, "Channels of the residual stream (d_model)",
        default: describe(\.width), aliases: ["n-embd"])
    static let context = Option<Int>(
        "context", in: GPT.Configuration.Limits.context, "Context length: the characters the model sees at once",
        default: describe(\.context),
        aliases: ["block-size"])
    static let dropout = Option<Double>(
        "dropout", in: GPT.Configuration.Limits.dropout, as: "P", "Dropout probability during training",
        default: describe(\.dropout))
    static let bias = Flag("bias", "Add biases to linear layers and layer norms; classic only")
    static let tied = Flag("tied", "Share one matrix between the embedding and the LM head")

    static let tables = Option<GPT.Configuration.Tables>("tables", "Tables", default: "none")
    static let optimizer = Option<Optimizer.Kind>("optimizer", "Optimizer", default: "adamw")
    static let schedule = Option<LearningRateSchedule.Shape>("schedule", "schedule", default: "cosine")
    static let batches = Option<BatchSampler.Order>("batches", "order", default: "random")
    static let accumulation = Option<Int>("accumulate", in: TrainingSettings.Limits.accumulation, "acc", default: "1")
    static let cooldown = Option<Double>("cooldown", in: TrainingSettings.Limits.validationFraction, "cooldown", default: "0.6")
    static let beta1 = Option<Double>("beta1", in: TrainingSettings.Limits.beta, "b1", default: "0.9")
    static let beta2 = Option<Double>("beta2", in: TrainingSettings.Limits.beta, "b2", default: "0.99")

    static let batch = Option<Int>(
        "batch", in: TrainingSettings.Limits.batch, "Windows of text in each step",
        default: Preset.describe { $0.settings.batch },
        aliases: ["batch-size"])
    static let learningRate = Option<Double>(
        "learning-rate", in: TrainingSettings.Limits.peak, "Peak learning rate, reached at the end of the warm-up",
        default: Preset.describe { $0.settings.schedule.peak })
    static let minimumLearningRate = Option<Double>(
        "min-learning-rate", in: TrainingSettings.Limits.minimum, "Learning rate at the end of the training",
        default: "\(Preset.describe { $0.settings.schedule.minimum }), or --learning-rate if lower",
        aliases: ["min-lr"])
    static let warmup = Option<Int>(
        "warmup", in: TrainingSettings.Limits.warmup, "Steps over which the learning rate rises from 0",
        default: Preset.describe { $0.settings.schedule.warmup }, aliases: ["warmup-iters"])
    static let weightDecay = Option<Double>(
        "weight-decay", in: TrainingSettings.Limits.weightDecay, "Weight decay of matrices (AdamW)",
        default: Preset.describe { $0.settings.optimizer.weightDecay })
    static let clip = Option<Double>(
        "clip", in: TrainingSettings.Limits.clip, "Maximum global norm of the gradients",
        default: Preset.describe { $0.settings.optimizer.clip }, aliases: ["grad-clip"])
    static let validationFraction = Option<Double>(
        "val-fraction", in: TrainingSettings.Limits.validationFraction, as: "F",
        "Fraction of the text, at its end, held out for validation",
        default: Preset.describe { $0.settings.validationFraction })
    static let evaluateEvery = Option<Int>(
        "eval-every", in: TrainingSettings.Limits.evaluateEvery, "Steps between validations",
        default: Preset.describe { $0.settings.evaluateEvery }, aliases: ["eval-interval"])

    static let probe = Option<String>(
        "probe", as: "TEXT", "Record the attention on this text at every validation, to watch heads form")
    static let json = Flag("json", "Print every step as a line of JSON on standard output")

    /// A size of each preset's model.
    private static func describe(_ size: KeyPath<GPT.Configuration, some Any>) -> String {
        Preset.describe { $0.configuration(vocabulary: 1)[keyPath: size] }
    }

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
                "TEXT", "UTF-8 text files, concatenated in this order", default: TrainingPlan.defaultText,
                isRepeated: true)
        ],
        groups: [
            OptionGroup("Common options", [preset, steps, run, resume, seed, CommonOptions.threads]),
            OptionGroup("Model", [architecture, layers, heads, width, context, dropout, bias, tied]),
            OptionGroup(
                "Training",
                [
                    batch, learningRate, minimumLearningRate, warmup, weightDecay, clip, validationFraction,
                    evaluateEvery, tables, optimizer, schedule, batches, accumulation, cooldown, beta1, beta2,
                ]),
            OptionGroup("Output", [probe, json] + CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        if let threads = arguments[CommonOptions.threads] { Compute.threads = threads }
        guard arguments.isGiven(Self.resume) else {
            return try TrainingReport(TrainingPlan(arguments), arguments).run()
        }
        // Locked before the checkpoint is read, which another process could be about to replace.
        let folder = try Self.runToResume(arguments)
        let lock = try RunLock(folder)
        let isUnsaved = folder.isUnsaved
        let plan =
            isUnsaved
            ? try TrainingPlan(beginningAgain: folder, arguments) : try TrainingPlan(resuming: folder, arguments)
        if isUnsaved { try folder.clear() }
        try TrainingReport(plan, arguments, (folder, lock)).run()
    }

    /// The run that `--resume RUN` names, or `--run RUN` beside a `--resume` that names none, or the newest.
    private static func runToResume(_ arguments: ParsedArguments) throws -> RunFolder {
        if let named = arguments[resume], let other = arguments[run], named != other {
            throw UsageError("--resume \(named) and --run \(other) name different runs; name only one")
        }
        return try RunFolder.find(arguments[resume] ?? arguments[run], includesUnsaved: true)
    }
}
