import Foundation
import TinyGPT

/// What `tinygpt train` is going to do, every option resolved and checked before anything is made.
struct TrainingPlan {
    let text: LoadedText
    let vocabulary: Vocabulary
    let corpus: Corpus
    let configuration: GPT.Configuration
    let settings: TrainingSettings
    let data: Checkpoint.DataDescription
    /// The run to go on with, and from where; nil for a new one.
    let resumed: (folder: RunFolder, checkpoint: Checkpoint)?
    /// The text on which the attention is kept.
    let probe: String?

    /// The text that is trained on unless another is named.
    static let defaultText = "data/shakespeare.txt"

    /// Resolves the options of a new run.
    init(_ arguments: ParsedArguments) throws {
        let preset = arguments.text("preset").flatMap(Preset.init) ?? .cpu
        text = try TextReader.read(paths: arguments.positionals.isEmpty ? [Self.defaultText] : arguments.positionals)
        vocabulary = Vocabulary(text: text.scalars)
        configuration = Self.sizes(preset.configuration(vocabulary: vocabulary.count), arguments)
        settings = Self.settings(preset.settings, arguments)
        resumed = nil
        probe = arguments.text("probe")
        if let probe { try Self.check(probe, vocabulary) }
        data = Self.description(of: text)
        corpus = try Self.checked(text, vocabulary, configuration, settings)
    }

    /// Resolves the options of a run that goes on.
    ///
    /// - Throws: `.usage` for an option that would make it another run, `.badData` for another text.
    init(resuming folder: RunFolder, _ arguments: ParsedArguments) throws {
        var checkpoint = try Checkpoint(path: folder.lastCheckpointPath)
        let given = arguments.positionals
        text = try RunText.read(
            given, of: checkpoint, in: folder, hint: "tinygpt train TEXT --resume \(folder.path)")
        if checkpoint.data.files.isEmpty {
            // An imported model may go on with any text whose characters it knows.
            checkpoint.data = Self.description(of: text)
        }
        guard text.sha256 == checkpoint.data.sha256 else {
            throw TinyGPTError(
                .badData,
                """
                the text is not the one that '\(folder.path)' was trained on: its SHA-256 begins with \
                \(text.sha256.prefix(12)), expected \(checkpoint.data.sha256.prefix(12)).
                Name the same text, or begin a new run with this one.
                """)
        }
        vocabulary = checkpoint.vocabulary
        configuration = checkpoint.configuration
        settings = Self.settings(checkpoint.settings, arguments)
        try Self.refuseAnotherModel(checkpoint, arguments, in: folder, settings)
        try Self.refuseFewerSteps(checkpoint, arguments, in: folder, settings)
        resumed = (folder, checkpoint)
        probe = folder.hasProbe ? try ProbeLog.read(folder.probePath).text : nil
        if let other = arguments.text("probe"), other != probe {
            throw TinyGPTError(
                .usage,
                "--probe: '\(folder.path)' began with \(probe == nil ? "no" : "another") probe and keeps to that")
        }
        data = checkpoint.data
        corpus = try Self.checked(text, vocabulary, configuration, settings)
    }

    private static func check(_ probe: String, _ vocabulary: Vocabulary) throws {
        guard !probe.isEmpty else { throw TinyGPTError(.usage, "--probe is empty; give at least one character") }
        _ = try vocabulary.encode(probe.unicodeScalars)
    }

    private static func sizes(_ preset: GPT.Configuration, _ arguments: ParsedArguments) -> GPT.Configuration {
        GPT.Configuration(
            vocabulary: preset.vocabulary,
            layers: arguments.integer("layers") ?? preset.layers,
            heads: arguments.integer("heads") ?? preset.heads,
            width: arguments.integer("width") ?? preset.width,
            context: arguments.integer("context") ?? preset.context,
            dropout: arguments.number("dropout").map { Float($0) } ?? preset.dropout,
            bias: arguments.flag("bias") || preset.bias,
            tied: arguments.flag("tied") || preset.tied)
    }

    private static func settings(_ start: TrainingSettings, _ arguments: ParsedArguments) -> TrainingSettings {
        TrainingSettings(
            batch: arguments.integer("batch") ?? start.batch,
            steps: arguments.integer("steps") ?? start.steps,
            schedule: LearningRateSchedule(
                highest: arguments.number("learning-rate") ?? start.schedule.highest,
                lowest: arguments.number("min-learning-rate")
                    ?? min(
                        start.schedule.lowest, arguments.number("learning-rate") ?? start.schedule.lowest),
                warmup: arguments.integer("warmup") ?? start.schedule.warmup),
            optimizer: AdamW.Settings(
                weightDecay: arguments.number("weight-decay") ?? start.optimizer.weightDecay,
                clip: arguments.number("clip") ?? start.optimizer.clip),
            validationFraction: arguments.number("val-fraction") ?? start.validationFraction,
            evaluateEvery: arguments.integer("eval-every") ?? start.evaluateEvery,
            seed: arguments.integer("seed").map { UInt64($0) } ?? start.seed)
    }

    private static func checked(
        _ text: LoadedText, _ vocabulary: Vocabulary, _ configuration: GPT.Configuration, _ settings: TrainingSettings
    ) throws -> Corpus {
        guard settings.schedule.lowest <= settings.schedule.highest else {
            throw TinyGPTError(
                .usage,
                """
                --min-learning-rate \(settings.schedule.lowest) is larger than --learning-rate \
                \(settings.schedule.highest), down from which it leads
                """)
        }
        try configuration.validate()
        return try Corpus(
            text: text.scalars, vocabulary: vocabulary, context: configuration.context,
            validationFraction: settings.validationFraction)
    }

    /// Refuses options that contradict what a run is.
    private static func refuseAnotherModel(
        _ checkpoint: Checkpoint, _ arguments: ParsedArguments, in folder: RunFolder, _ settings: TrainingSettings
    ) throws {
        var wanted = sizes(checkpoint.configuration, arguments)
        if let preset = arguments.text("preset").flatMap(Preset.init) {
            wanted = sizes(preset.configuration(vocabulary: checkpoint.vocabulary.count), arguments)
        }
        let model = checkpoint.configuration
        let pairs: [(String, String, String)] = [
            ("--layers", "\(wanted.layers)", "\(model.layers)"), ("--heads", "\(wanted.heads)", "\(model.heads)"),
            ("--width", "\(wanted.width)", "\(model.width)"), ("--context", "\(wanted.context)", "\(model.context)"),
            ("--dropout", "\(wanted.dropout)", "\(model.dropout)"), ("--bias", "\(wanted.bias)", "\(model.bias)"),
            ("--tied", "\(wanted.tied)", "\(model.tied)"),
            ("--seed", "\(settings.seed)", "\(checkpoint.settings.seed)"),
            ("--val-fraction", "\(settings.validationFraction)", "\(checkpoint.settings.validationFraction)"),
        ]
        for (option, got, expected) in pairs where got != expected {
            throw TinyGPTError(
                .usage,
                """
                \(option) \(got) does not fit the run '\(folder.path)', which has \(expected) and cannot change it.
                Leave the option out to go on, or begin a new run without --resume.
                """)
        }
    }

    /// Steps that were made cannot be taken back.
    private static func refuseFewerSteps(
        _ checkpoint: Checkpoint, _ arguments: ParsedArguments, in folder: RunFolder, _ settings: TrainingSettings
    ) throws {
        let made = checkpoint.progress.step
        guard arguments.isGiven("steps"), settings.steps < made else { return }
        throw TinyGPTError(
            .usage,
            """
            --steps \(settings.steps): '\(folder.path)' has made \(made) already; name the number to reach, such as \
            --steps \(2 * made)
            """)
    }

    private static func description(of text: LoadedText) -> Checkpoint.DataDescription {
        Checkpoint.DataDescription(
            sha256: text.sha256, files: text.paths.map { $0 == "-" ? $0 : URL(fileURLWithPath: $0).path })
    }
}
