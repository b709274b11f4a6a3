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

    static let modelOptions: [any OptionKey] = [
        architecture, layers, heads, width, context, dropout, tables, bias, tied,
    ]

    static let steps = Option<Int>(
        "steps", in: TrainingSettings.Limits.steps, "Optimizer steps in total; 0 writes the initial model",
        default: Preset.describe { $0.training.steps }, aliases: ["max-iters"])
    static let batch = Option<Int>(
        "batch", in: TrainingSettings.Limits.batch, "Windows of text in each batch",
        default: Preset.describe { $0.training.batch }, aliases: ["batch-size"])
    static let accumulation = Option<Int>(
        "accumulate", in: TrainingSettings.Limits.accumulation, "Batches whose mean gradient makes one step",
        default: Preset.describe { $0.training.accumulation }, aliases: ["gradient-accumulation-steps"])
    static let batches = Option<BatchSampler.Order>(
        "batches", "Order of the windows: each once an epoch, or drawn at random",
        default: Preset.describe { $0.training.batches })
    static let optimizer = Option<Optimizer.Kind>(
        "optimizer", "Optimizer of the matrices inside blocks; all else is trained by AdamW",
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
        "weight-decay", in: TrainingSettings.Limits.weightDecay, "Weight decay of matrices",
        default: Preset.describe { $0.training.optimizer.weightDecay })
    static let clip = Option<Double>(
        "clip", in: TrainingSettings.Limits.clip, "Maximum global norm of the gradients",
        default: Preset.describe { $0.training.optimizer.clip }, aliases: ["grad-clip"])
    static let validationFraction = Option<Double>(
        "val-fraction", in: TrainingSettings.Limits.validationFraction, as: "F",
        "Fraction of the text, at its end, held out for validation",
        default: Preset.describe { $0.training.validationFraction })
    static let evaluateEvery = Option<Int>(
        "eval-every", in: TrainingSettings.Limits.evaluateEvery, "Steps between validations",
        default: Preset.describe { $0.training.evaluateEvery }, aliases: ["eval-interval"])

    static let trainingOptions: [any OptionKey] = [
        batch, accumulation, batches, optimizer, learningRate, minimumLearningRate, warmup, schedule, cooldown, beta1,
        beta2, weightDecay, clip, validationFraction, evaluateEvery,
    ]

    /// The model that the options given describe, over that of a preset or of a run.
    static func configuration(_ start: GPT.Configuration, _ arguments: ParsedArguments) -> GPT.Configuration {
        var configuration = start
        configuration.architecture = arguments[architecture] ?? configuration.architecture
        configuration.layers = arguments[layers] ?? configuration.layers
        configuration.heads = arguments[heads] ?? configuration.heads
        configuration.width = arguments[width] ?? configuration.width
        configuration.context = arguments[context] ?? configuration.context
        configuration.dropout = arguments[dropout].map { Float($0) } ?? configuration.dropout
        configuration.tables = arguments[tables] ?? configuration.tables
        configuration.bias = arguments[bias] || configuration.bias
        configuration.tied = arguments[tied] || configuration.tied
        return configuration
    }

    /// The settings that the options given describe, over those of a preset or of a run.
    ///
    /// - Throws: A usage error for options that exclude each other.
    static func settings(_ start: TrainingSettings, _ arguments: ParsedArguments) throws -> TrainingSettings {
        var settings = start
        settings.batch = arguments[batch] ?? settings.batch
        settings.accumulation = arguments[accumulation] ?? settings.accumulation
        settings.batches = arguments[batches] ?? settings.batches
        settings.steps = arguments[steps] ?? settings.steps
        settings.optimizerKind = arguments[optimizer] ?? settings.optimizerKind
        let peak = arguments[learningRate]
        settings.schedule.peak = peak ?? settings.schedule.peak
        settings.schedule.minimum =
            arguments[minimumLearningRate] ?? min(settings.schedule.minimum, peak ?? .infinity)
        settings.schedule.warmup = arguments[warmup] ?? settings.schedule.warmup
        settings.schedule.shape = arguments[schedule] ?? settings.schedule.shape
        settings.schedule.cooldown = arguments[cooldown] ?? settings.schedule.cooldown
        settings.optimizer.beta1 = arguments[beta1] ?? settings.optimizer.beta1
        settings.optimizer.beta2 = arguments[beta2] ?? settings.optimizer.beta2
        settings.optimizer.weightDecay = arguments[weightDecay] ?? settings.optimizer.weightDecay
        settings.optimizer.clip = arguments[clip] ?? settings.optimizer.clip
        settings.validationFraction = arguments[validationFraction] ?? settings.validationFraction
        settings.evaluateEvery = arguments[evaluateEvery] ?? settings.evaluateEvery
        if arguments.isGiven(seed) { settings.seed = UInt64(arguments[seed]) }
        try check(settings, arguments)
        return settings
    }

    private static func check(_ settings: TrainingSettings, _ arguments: ParsedArguments) throws {
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
