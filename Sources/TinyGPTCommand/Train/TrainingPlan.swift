import Console
import Foundation
import TinyGPT

/// The plan of `tinygpt train`: every option resolved and checked before anything is created.
struct TrainingPlan {
    let text: LoadedText
    let vocabulary: Vocabulary
    let corpus: Corpus
    let configuration: GPT.Configuration
    var settings: TrainingSettings
    let data: Checkpoint.DataDescription
    /// The run to resume and its checkpoint; nil for a new run.
    let resumed: (folder: RunFolder, checkpoint: Checkpoint)?
    /// The earlier command lines of a run that begins again.
    let earlierCommandLines: [[String]]
    /// The text whose attention is recorded.
    let probe: String?
    /// Whether the weights of every validation are kept; a run that keeps them goes on with that.
    let probeWeights: Bool
    /// Whether event files are written; a run that has some goes on with them.
    let recordsEvents: Bool
    /// The time that chooses the steps; nil where an option or a preset does.
    var timeLimit: TimeLimit?
    /// The preset of a new run, and its recipe for the text.
    let preset: (name: Preset, recipe: Preset.Recipe)?

    /// Resolves the options of a new run.
    init(_ arguments: ParsedArguments, among processes: Processes = .one) throws {
        let preset = arguments[TrainCommand.preset]
        let names = arguments.positionals
        text = names.isEmpty ? .builtIn : try LoadedText(named: names, lines: arguments[TrainCommand.lines], arguments)
        vocabulary = text.vocabulary
        let recipe = preset.recipe(vocabulary: vocabulary.count, characters: text.tokens.count)
        configuration = TrainCommand.configuration(recipe.model, arguments)
        settings = try TrainCommand.settings(recipe.training, arguments).shared(among: processes, arguments)
        self.preset = (preset, recipe)
        resumed = nil
        earlierCommandLines = []
        probe = arguments[TrainCommand.probe]
        probeWeights = arguments[TrainCommand.probeWeights]
        recordsEvents = arguments[TrainCommand.tensorboard]
        if let probe { try Self.check(probe, vocabulary, settings) }
        if probeWeights { try Self.checkProbeWeights(configuration, probe) }
        data = Self.description(of: text, lines: settings.lines)
        corpus = try Self.checked(text, vocabulary, configuration, settings, processes)
    }

    /// Resolves the options of a resumed run.
    ///
    /// - Throws: An error for an option that would make it another run, or for another text.
    init(resuming folder: RunFolder, _ arguments: ParsedArguments, among processes: Processes = .one) throws {
        var checkpoint = try Checkpoint(path: folder.lastCheckpointPath, for: .training)
        let given = arguments.positionals
        text = try checkpoint.data.text(
            given, in: folder, hint: "tinygpt train TEXT --resume \(folder.path.shellPath)", arguments)
        if checkpoint.data.files.isEmpty {
            // An imported model may continue with any text whose characters it knows.
            checkpoint.data = Self.description(of: text)
        }
        try Self.refuseAnotherText(text, checkpoint.data, in: folder)
        vocabulary = checkpoint.vocabulary
        configuration = checkpoint.configuration
        settings = try TrainCommand.settings(checkpoint.settings, arguments).shared(among: processes, arguments)
        try Self.refuseAnotherModel(checkpoint, arguments, in: folder, settings, characters: text.tokens.count)
        try Self.refuseFewerSteps(checkpoint, arguments, in: folder, settings)
        resumed = (folder, checkpoint)
        preset = nil
        earlierCommandLines = []
        recordsEvents = arguments[TrainCommand.tensorboard] || !folder.eventPaths.isEmpty
        probe = folder.hasProbe ? try ProbeLog.text(of: folder.probePath, for: checkpoint) : nil
        if let other = arguments[TrainCommand.probe], other != probe {
            throw CommandError(
                .usage,
                "--probe: \(folder.path.quoted) was started with \(probe == nil ? "no" : "another") probe; this cannot be changed"
            )
        }
        probeWeights = try Self.probeWeights(resuming: folder, probe, configuration, arguments)
        data = checkpoint.data
        do {
            corpus = try Self.checked(text, vocabulary, configuration, settings, processes)
        } catch let error as TinyGPTError {
            // Without the advice for a new run: context and validation part are those of the checkpoint.
            throw error.kind == .badData ? CommandError(.badData, error.description) : error
        }
    }

    /// Resolves the options of a run that ended before its first checkpoint: those it began with, unless others are given.
    init(beginningAgain folder: RunFolder, _ arguments: ParsedArguments, among processes: Processes = .one) throws {
        var begun = try RunConfiguration(path: folder.configurationPath)
        if begun.data.files.isEmpty {
            throw CommandError(
                .missingInput,
                "the import into \(folder.path.quoted) was not completed; repeat it: tinygpt import PATH --from FORMAT --run "
                    + folder.path.shellPath)
        }
        if arguments.isGiven(TrainCommand.preset) {
            throw CommandError(
                .usage,
                """
                --preset does not fit the run \(folder.path.quoted), which has its own sizes.
                Omit the option to start that run again, or start another with --run.
                """)
        }
        settings = try TrainCommand.settings(begun.training, arguments).shared(among: processes, arguments)
        // The text is read as lines if they are asked for now.
        begun.data.lines = settings.lines ? true : nil
        let hint = "tinygpt train TEXT --resume \(folder.path.shellPath)"
        text = try begun.data.text(arguments.positionals, in: folder, hint: hint, arguments)
        try Self.refuseAnotherText(text, begun.data, in: folder)
        earlierCommandLines = begun.commandLines
        vocabulary = text.vocabulary
        var model = begun.model
        model.vocabulary = vocabulary.count
        configuration = TrainCommand.configuration(model, arguments)
        preset = nil
        resumed = nil
        recordsEvents = arguments[TrainCommand.tensorboard] || !folder.eventPaths.isEmpty
        probe = arguments[TrainCommand.probe] ?? begun.probe
        probeWeights = arguments[TrainCommand.probeWeights] || begun.probeWeights == true
        if let probe { try Self.check(probe, vocabulary, settings) }
        if probeWeights { try Self.checkProbeWeights(configuration, probe) }
        data = Self.description(of: text, lines: settings.lines)
        corpus = try Self.checked(text, vocabulary, configuration, settings, processes)
    }

    private static func check(_ probe: String, _ vocabulary: Vocabulary, _ settings: TrainingSettings) throws {
        guard settings.validationFraction > 0 else {
            throw CommandError(
                .usage, "--probe records at validations, and --val-fraction 0 leaves nothing to validate on")
        }
        guard !probe.isEmpty else { throw CommandError(.usage, "--probe is empty; expected at least one character") }
        _ = try vocabulary.encode(probe.unicodeScalars)
    }

    /// The text in tokens, once model and memory are known to allow the training.
    static func checked(
        _ text: LoadedText, _ vocabulary: Vocabulary, _ configuration: GPT.Configuration, _ settings: TrainingSettings,
        _ processes: Processes
    ) throws -> Corpus {
        try configuration.validate()
        let share = processes.count == 1 ? "" : " as one of \(processes.count) processes"
        // The text is in memory by now.
        try SystemMemory.require(
            MemoryEstimate.training(
                configuration, settings, characters: text.tokens.count, processes: processes.count),
            for: "training \(HumanNumbers.count(configuration.parameterCount)) parameters on "
                + "\(settings.batch) x \(configuration.context) characters\(share)")
        return try Corpus(
            text.tokens(in: vocabulary), vocabulary, context: configuration.context,
            validationFraction: settings.validationFraction, linesSeed: settings.lines ? settings.seed : nil)
    }

    private static func refuseAnotherText(
        _ text: LoadedText, _ data: Checkpoint.DataDescription, in folder: RunFolder
    ) throws {
        guard text.sha256 != data.sha256 else { return }
        throw CommandError(
            .badData,
            """
            the text is not the one that \(folder.path.quoted) was trained on: its SHA-256 begins with \
            \(text.sha256.prefix(12)), expected \(data.sha256.prefix(12)).
            Name the same text, or start a new run with this one.
            """)
    }

    /// Refuses options that contradict what a run is.
    private static func refuseAnotherModel(
        _ checkpoint: Checkpoint, _ arguments: ParsedArguments, in folder: RunFolder, _ settings: TrainingSettings,
        characters: Int
    ) throws {
        let model = checkpoint.configuration
        var start = model
        if arguments.isGiven(TrainCommand.preset) {
            // Of a preset, only the sizes are compared; what else the model is was chosen when the run began.
            let sizes = arguments[TrainCommand.preset]
                .recipe(vocabulary: checkpoint.vocabulary.count, characters: characters).model
            (start.layers, start.heads, start.width, start.context) =
                (sizes.layers, sizes.heads, sizes.width, sizes.context)
        }
        let wanted = TrainCommand.configuration(start, arguments)
        let pairs =
            TrainCommand.modelSettings.map { ($0.name, $0.text(wanted), $0.text(model)) }
            + TrainCommand.trainingSettings.filter(\.isFixed)
            .map { ($0.name, $0.text(settings), $0.text(checkpoint.settings)) }
        for (option, got, expected) in pairs where got != expected {
            throw CommandError(
                .usage,
                """
                \(option) \(got) does not fit the run \(folder.path.quoted), which has \(expected); this cannot be changed.
                Omit the option to continue, or start a new run without --resume.
                """)
        }
    }

    /// Steps that were made cannot be taken back.
    private static func refuseFewerSteps(
        _ checkpoint: Checkpoint, _ arguments: ParsedArguments, in folder: RunFolder, _ settings: TrainingSettings
    ) throws {
        let made = checkpoint.progress.step
        guard arguments.isGiven(TrainCommand.steps), settings.steps < made else { return }
        throw CommandError(
            .usage,
            """
            --steps \(settings.steps): \(folder.path.quoted) has already completed \(made) steps; --steps is the total to \
            reach\(moreSteps(than: made).map { ", such as --steps \($0)" } ?? "")
            """)
    }

    /// A number of steps to advise where `made` are made: about twice as many, within the range; nil at its end.
    static func moreSteps(than made: Int) -> Int? {
        let limit = TrainingSettings.Limits.steps.upperBound
        return made < limit ? min(limit, made == 0 ? 1000 : 2 * made) : nil
    }

    private static func description(of text: LoadedText, lines: Bool = false) -> Checkpoint.DataDescription {
        Checkpoint.DataDescription(
            sha256: text.sha256,
            files: text.isBuiltIn ? text.paths : text.paths.map { $0 == "-" ? $0 : FileStatus.absolute($0) },
            lines: lines)
    }
}

extension TrainingPlan {
    /// The preset, unless options have changed what it has chosen by the text's length.
    var keptPreset: (name: Preset, recipe: Preset.Recipe)? {
        guard let preset,
            (configuration.dropout, configuration.tables) == (preset.recipe.model.dropout, preset.recipe.model.tables)
        else { return nil }
        return preset
    }

    /// The plan in a few lines, printed before the first step.
    func description(of trainer: Trainer) -> String {
        let (sizes, settings) = (configuration, settings)
        let names =
            text.isBuiltIn
            ? ["Shakespeare's sonnets, built in"] : text.paths.map { $0 == "-" ? "standard input" : $0.inOneLine }
        let files = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
        let traits =
            [
                sizes.architecture == .classic ? nil : "\(sizes.architecture)",
                sizes.dropout > 0 ? "dropout \(sizes.dropout)" : nil, sizes.bias ? "biases" : nil,
                sizes.tied ? "tied" : nil, sizes.tables == .none ? nil : "\(sizes.tables) tables",
            ]
            .compactMap { $0.map { ", " + $0 } }.joined()
        let split = "\(corpus.train.count) for training, \(corpus.validation.count) for validation"
        let rate =
            "\(OptionDeclaration.defaultText(of: settings.schedule.peak)) to \(OptionDeclaration.defaultText(of: settings.schedule.minimum))"
            + (settings.schedule.shape == .linear
                ? String(format: " over the last %.3g%% of the steps", 100 * settings.schedule.cooldown) : "")
        let optimizer = settings.optimizerKind == .muon ? "Muon and AdamW, " : ""
        let reason =
            keptPreset.flatMap { name, recipe in recipe.reason.map { "preset    \(name.rawValue): \($0)\n" } } ?? ""
        let processes = trainer.processes.count
        let shares = settings.shares > 1 ? " in \(settings.shares) shares" : ""
        let computer =
            (processes > 1 ? "\(processes) processes of " : "") + HumanNumbers.count(Compute.threads, of: "thread")
        let batch =
            (settings.accumulation > 1 ? "\(settings.accumulation) x " : "") + "\(settings.batch) x \(sizes.context)"
        return """
            \(reason)text      \(files)
                      \(text.tokens.count) characters, \(vocabulary.count) distinct; \(split)
            model     \(sizes.layers) layers, \(sizes.heads) heads, width \(sizes.width), context \(sizes.context)\(traits)
                      \(HumanNumbers.count(trainer.model.parameterCount)) parameters
            training  \(settings.steps) steps of \(batch) characters\(shares), seed \(settings.seed)
                      \(optimizer)learning rate \(rate), warm-up \(settings.schedule.warmup) steps
            \(probeWeights ? "snapshots \(snapshots)\n" : "")computer  \(computer), \(Compute.instructionSet)

            """
    }
}
