import Console
import TinyGPT

/// The options of `tinygpt train` that set a hyperparameter, and how they override those of a preset or of a run.
extension TrainCommand {
    static let architecture = CommonOptions.architecture(default: Preset.describe { $0.model.architecture })
    static let layers = Option<Int>(
        "layers", in: GPT.Configuration.Limits.layers, "Transformer blocks",
        default: Preset.describe { $0.model.layers }, aliases: ["n-layer"])
    static let heads = Option<Int>(
        "heads", in: GPT.Configuration.Limits.heads, "Attention heads in each block; must divide the width",
        default: Preset.describe { $0.model.heads }, aliases: ["n-head"])
    static let width = Option<Int>(
        "width", in: GPT.Configuration.Limits.width, "Channels of the residual stream (d_model)",
        default: Preset.describe { $0.model.width }, aliases: ["n-embd"])
    static let context = Option<Int>(
        "context", in: GPT.Configuration.Limits.context, "Context length: the characters the model sees at once",
        default: Preset.describe { $0.model.context }, aliases: ["block-size"])
    static let dropout = Option<Double>(
        "dropout", in: GPT.Configuration.Limits.dropout, as: "P", "Dropout probability during training",
        default: Preset.describe { $0.model.dropout })
    static let tables = Option<GPT.Configuration.Tables>(
        "tables", "Add learned tables of character pairs, or of pairs and triples, to the embedding",
        default: Preset.describe { $0.model.tables })
    static let bias = Flag("bias", "Add biases to linear layers and layer norms; classic only")
    static let tied = Flag("tied", "Share one matrix between the embedding and the LM head")

    static var modelOptions: [any OptionKey] { modelSettings.map(\.option) }

    static let steps = Option<Int>(
        "steps", in: TrainingSettings.Limits.steps, "Optimizer steps in total; 0 writes the initial model",
        default: Preset.describe { $0.training.steps }, aliases: ["max-iters"])
    static let batch = Option<Int>(
        "batch", in: TrainingSettings.Limits.batch, "Windows of text in each batch",
        default: Preset.describe { $0.training.batch }, aliases: ["batch-size"])
    static let accumulation = Option<Int>(
        "accumulate", in: TrainingSettings.Limits.accumulation, "Batches whose mean gradient makes one step",
        default: Preset.describe { $0.training.accumulation }, aliases: ["gradient-accumulation-steps"])
    static let shares = Option<Int>(
        "shares", in: TrainingSettings.Limits.shares,
        "Parts of every batch whose gradients are summed in order; as many processes can train together (mpirun)",
        default: "\(Preset.describe { $0.training.shares }), or the number of processes")
    static let batches = Option<BatchSampler.Order>(
        "batches", "Order of the windows: each once an epoch, or drawn at random",
        default: Preset.describe { $0.training.batches })
    static let optimizer = Option<Optimizer.Kind>(
        "optimizer",
        "Optimizer of the matrices inside blocks; all else is trained by AdamW, but tables by a form of Adam",
        default: Preset.describe { $0.training.optimizerKind })
    static let learningRate = Option<Double>(
        "learning-rate", in: TrainingSettings.Limits.peak, "Peak learning rate, reached at the end of the warm-up",
        default: Preset.describe { $0.training.schedule.peak })
    static let minimumLearningRate = Option<Double>(
        "min-learning-rate", in: TrainingSettings.Limits.minimum, "Learning rate at the end of the training",
        default: "\(Preset.describe { $0.training.schedule.minimum }), or --learning-rate if lower",
        aliases: ["min-lr"])
    static let warmup = Option<Int>(
        "warmup", in: TrainingSettings.Limits.warmup, "Steps over which the learning rate rises from 0",
        default: Preset.describe { $0.training.schedule.warmup }, aliases: ["warmup-iters"])
    static let schedule = Option<LearningRateSchedule.Shape>(
        "schedule", "How the learning rate falls: as a cosine, or constant and then linearly",
        default: Preset.describe { $0.training.schedule.shape })
    static let cooldown = Option<Double>(
        "cooldown", in: TrainingSettings.Limits.cooldown, as: "F",
        "Fraction of the steps over which a linear schedule falls",
        default: Preset.describe { $0.training.schedule.cooldown })
    static let beta1 = Option<Double>(
        "beta1", in: TrainingSettings.Limits.beta, "AdamW's decay of the mean gradient",
        default: Preset.describe { $0.training.optimizer.beta1 })
    static let beta2 = Option<Double>(
        "beta2", in: TrainingSettings.Limits.beta, "AdamW's decay of the mean squared gradient",
        default: Preset.describe { $0.training.optimizer.beta2 })
    static let weightDecay = Option<Double>(
        "weight-decay", in: TrainingSettings.Limits.weightDecay, "Weight decay of matrices, except tables",
        default: Preset.describe { $0.training.optimizer.weightDecay })
    static let clip = Option<Double>(
        "clip", in: TrainingSettings.Limits.clip, "Maximum global norm of the gradients",
        default: Preset.describe { $0.training.optimizer.clip }, aliases: ["grad-clip"])
    static let validationFraction = Option<Double>(
        "val-fraction", in: TrainingSettings.Limits.validationFraction, as: "F",
        "Fraction of the text, at its end, held out for validation; 0 trains on all of it",
        default: Preset.describe { $0.training.validationFraction })
    static let evaluateEvery = Option<Int>(
        "eval-every", in: TrainingSettings.Limits.evaluateEvery, "Steps between validations",
        default: Preset.describe { $0.training.evaluateEvery }, aliases: ["eval-interval"])

    static let patience = Option<Int>(
        "patience", in: TrainingSettings.Limits.patience,
        "Stop after N validations without a better loss", default: "none")

    static let lines = Flag(
        "lines", "Each line is a text of its own, such as a name or a recipe: nothing is seen across its borders")

    /// Every size and trait of a model that an option sets; a run keeps all of them.
    static var modelSettings: [Setting<GPT.Configuration>] {
        [
            Setting(architecture, \.architecture, isFixed: true), Setting(layers, \.layers, isFixed: true),
            Setting(heads, \.heads, isFixed: true), Setting(width, \.width, isFixed: true),
            Setting(context, \.context, isFixed: true),
            Setting(dropout, \.dropout, isFixed: true) { model, arguments in
                if let rate = arguments[dropout] { model.dropout = Float(rate) }
            },
            Setting(tables, \.tables, isFixed: true),
            Setting(bias, \.bias, isFixed: true) { if $1[bias] { $0.bias = true } },
            Setting(tied, \.tied, isFixed: true) { if $1[tied] { $0.tied = true } },
        ]
    }

    /// Every setting of a training that an option sets: all but AdamW's epsilon.
    static var trainingSettings: [Setting<TrainingSettings>] {
        [
            Setting(steps, \.steps),
            Setting(seed, \.seed, isFixed: true) { if $1.isGiven(seed) { $0.seed = UInt64($1[seed]) } },
            Setting(batch, \.batch), Setting(accumulation, \.accumulation), Setting(shares, \.shares),
            Setting(batches, \.batches),
            Setting(optimizer, \.optimizerKind, isFixed: true), Setting(learningRate, \.schedule.peak),
            Setting(minimumLearningRate, \.schedule.minimum) { settings, arguments in
                // A peak below the minimum takes the minimum along.
                let peak = arguments[learningRate] ?? .infinity
                settings.schedule.minimum = arguments[minimumLearningRate] ?? min(settings.schedule.minimum, peak)
            },
            Setting(warmup, \.schedule.warmup), Setting(schedule, \.schedule.shape),
            Setting(cooldown, \.schedule.cooldown), Setting(beta1, \.optimizer.beta1),
            Setting(beta2, \.optimizer.beta2), Setting(weightDecay, \.optimizer.weightDecay),
            Setting(clip, \.optimizer.clip), Setting(validationFraction, \.validationFraction, isFixed: true),
            Setting(evaluateEvery, \.evaluateEvery),
            Setting(lines, \.lines, isFixed: true) { if $1[lines] { $0.lines = true } },
            Setting(patience, \.patienceText) { if let count = $1[patience] { $0.patience = count } },
        ]
    }

    /// Those in help under the heading of training; steps and seed are among the common options.
    static var trainingOptions: [any OptionKey] { trainingSettings.dropFirst(2).map(\.option) }

    /// The model that the options given describe, over that of a preset or of a run.
    static func configuration(_ start: GPT.Configuration, _ arguments: ParsedArguments) -> GPT.Configuration {
        modelSettings.reduce(into: start) { $1.apply(&$0, arguments) }
    }

    /// The settings that the options given describe, over those of a preset or of a run.
    ///
    /// - Throws: A usage error for options that exclude each other.
    static func settings(_ start: TrainingSettings, _ arguments: ParsedArguments) throws -> TrainingSettings {
        let settings = trainingSettings.reduce(into: start) { $1.apply(&$0, arguments) }
        try check(settings, arguments)
        return settings
    }

    private static func check(_ settings: TrainingSettings, _ arguments: ParsedArguments) throws {
        if let count = settings.patience, settings.validationFraction == 0 {
            throw CommandError(
                .usage, "--patience \(count) needs validations, but --val-fraction 0 leaves nothing to validate on")
        }
        guard settings.shares <= settings.batch else {
            throw CommandError(
                .usage,
                "--shares \(settings.shares) are more than the \(settings.batch) windows of a batch; expected at most "
                    + "--batch")
        }
        let schedule = settings.schedule
        guard schedule.minimum <= schedule.peak else {
            throw CommandError(
                .usage,
                "--min-learning-rate \(schedule.minimum) must not be larger than --learning-rate \(schedule.peak)")
        }
        if arguments[cooldown] != nil, schedule.shape != .linear {
            throw CommandError(.usage, "--cooldown \(schedule.cooldown) has no effect without --schedule linear")
        }
        if settings.optimizerKind == .muon, schedule.peak > largestMuonRate {
            throw CommandError(
                .usage,
                """
                --learning-rate \(schedule.peak) is on the scale of Muon's own update; here Muon takes AdamW's, expected at \
                most \(largestMuonRate).
                Muon's usual 0.02 is about 0.009 here for matrices of width 128 and 0.005 for 384; start from 0.003.
                """)
        }
    }

    /// The peak learning rate above which Muon's own scale must be meant: no run below diverged, all above learned nothing.
    private static let largestMuonRate = 0.015
}

/// A hyperparameter that an option sets: the row of a table by which it is read from the command line, compared with that of
/// a run, and reported when it changes.
struct Setting<Root> {
    let option: any OptionKey
    /// Whether a resumed run keeps it.
    let isFixed: Bool
    /// Its value as text, as it would be typed.
    let text: (Root) -> String
    /// Changes it if its option is given.
    let apply: (inout Root, ParsedArguments) -> Void

    /// A setting that is not the value of its option, or not always.
    init<Value>(
        _ option: any OptionKey, _ path: KeyPath<Root, Value>, isFixed: Bool = false,
        apply: @escaping (inout Root, ParsedArguments) -> Void
    ) {
        (self.option, self.isFixed, self.apply) = (option, isFixed, apply)
        text = { OptionDeclaration.defaultText(of: $0[keyPath: path]) }
    }

    /// A setting that is the value of its option.
    init<Value>(_ option: Option<Value>, _ path: WritableKeyPath<Root, Value>, isFixed: Bool = false) {
        self.init(option, path, isFixed: isFixed) { root, arguments in
            if let value = arguments[option] { root[keyPath: path] = value }
        }
    }

    /// The name of its option, such as `--steps`.
    var name: String { option.declaration.longName }
}

extension TrainingSettings {
    fileprivate var patienceText: String { patience.map(String.init) ?? "none" }

    /// The option that lets a run go on that has lost its patience; nil for one that has none.
    var morePatience: String? { patience.map { "--patience \(min(2 * $0, Limits.patience.upperBound))" } }
}

extension Preset {
    /// A value of each preset, for the defaults in help: "cpu 4, baby 6", or the value alone where all have the same.
    static func describe(_ value: (Recipe) -> Any) -> String {
        let texts = allCases.map { OptionDeclaration.defaultText(of: value($0.recipe(characters: describedLength))) }
        if let only = texts.first, texts.allSatisfy({ $0 == only }) { return only }
        return zip(allCases, texts).map { "\($0.rawValue) \($1)" }.joined(separator: ", ")
    }

    /// The length of the text that help describes presets for.
    static let describedLength = 1_000_000
}
