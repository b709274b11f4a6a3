import Console
import TinyGPT

/// A checkpoint to choose with `--checkpoint`.
enum CheckpointChoice: String, CaseIterable, Sendable {
    case best, last
}

/// The model that a command's RUN and `--checkpoint` name.
struct StoredModel {
    let folder: RunFolder
    let choice: CheckpointChoice
    /// The description of model and training; ``model`` has its weights.
    let checkpoint: Checkpoint
    let model: GPT

    /// The model of a command with RUN as its first argument and `--checkpoint`.
    init(_ arguments: ParsedArguments) throws {
        try self.init(run: arguments.positionals.first, arguments[CommonOptions.checkpoint])
    }

    /// - Parameters:
    ///   - run: A run's name or path; nil for the newest.
    ///   - choice: Which checkpoint; nil for the best where there is one, else the last.
    /// - Throws: An error for a run or checkpoint that is missing or damaged.
    init(run: String?, _ choice: CheckpointChoice?) throws {
        folder = try RunFolder.find(run)
        self.choice = choice ?? (folder.hasBestCheckpoint ? .best : .last)
        var checkpoint = try Checkpoint(
            path: self.choice == .best ? folder.bestCheckpointPath : folder.lastCheckpointPath, for: .inference)
        let configuration = checkpoint.configuration
        try SystemMemory.require(
            MemoryEstimate.inference(configuration, positions: Evaluation.positions(context: configuration.context)),
            for: "the model of \(folder.path.quoted)")
        model = try checkpoint.takeModel()
        self.checkpoint = checkpoint
    }

    /// Refuses work on the model, such as "sampling", that needs more memory than there is.
    func require(_ memory: Int, for work: String) throws {
        try SystemMemory.require(memory, for: "\(work) with the model of \(folder.path.quoted)")
    }

    /// The token between lines that are texts of their own; nil where the run's text is one.
    var lineBreak: Int32? { checkpoint.settings.lines ? checkpoint.vocabulary.startToken : nil }

    /// What the title of a page says about the model.
    var facts: PageFacts {
        let (progress, summary) = (checkpoint.progress, RunSummary(of: folder))
        let measured = progress.bestStep == progress.step ? progress.bestLoss : nil
        return PageFacts(
            model, run: folder.name, checkpoint: choice.rawValue, step: progress.step,
            loss: measured ?? (summary.last?.step == progress.step ? summary.last?.loss : nil),
            date: summary.configuration?.started, lines: checkpoint.settings.lines, version: Program.version)
    }

    /// The tokens of a text, all of whose characters the model must know.
    func encode(_ text: String) throws -> [Int32] { try checkpoint.vocabulary.encode(text.unicodeScalars) }

    /// What a text is continued from. Without a beginning that is a line break; where every line is a text of its own, it is the
    /// last line and the line break before it, since the training saw nothing else.
    func beginning(_ prompt: String) throws -> [Int32] {
        let tokens = prompt.isEmpty ? [] : try encode(prompt)
        guard let lineBreak else { return tokens.isEmpty ? [checkpoint.vocabulary.startToken] : tokens }
        return [lineBreak] + (tokens.split(separator: lineBreak, omittingEmptySubsequences: false).last ?? [])
    }
}

extension StoredModel {
    /// The loss on a text, with the progress on standard error.
    ///
    /// - Parameters:
    ///   - tokens: The text, at least two characters.
    ///   - stride: Characters between windows, at most the context; the context if nil.
    ///   - arguments: Of a command with the common output options.
    /// - Returns: The evaluation.
    /// - Throws: An error for a text that is too short or a model that has diverged.
    func evaluate(on tokens: TokenArray, stride: Int? = nil, _ arguments: ParsedArguments) throws -> Evaluation {
        var progress = TimeLeft(arguments)
        defer { progress.finish() }
        return try Evaluation(of: model, on: tokens, stride: stride, lineBreak: lineBreak) {
            progress.update("predicting \(tokens.count) characters", fraction: $0)
        }
    }

    /// Pattern scores and importance of every head, with the progress on standard error.
    ///
    /// - Parameters:
    ///   - tokens: The text to measure on.
    ///   - windows: The most windows; the library's default if nil.
    ///   - arguments: Of a command with the common output options.
    /// - Returns: The survey.
    /// - Throws: An error for a text that is too short or a model that has diverged.
    func surveyHeads(on tokens: TokenArray, windows: Int? = nil, _ arguments: ParsedArguments) throws -> HeadSurvey {
        var progress = TimeLeft(arguments)
        defer { progress.finish() }
        let heads = model.configuration.layers * model.configuration.heads
        return try HeadSurvey(of: model, on: tokens, spaces: checkpoint.vocabulary.spaces, windows: windows) {
            progress.update("measuring \(heads) heads", fraction: $0)
        }
    }

    /// What the neurons follow and cost, with the progress on standard error.
    ///
    /// - Parameters:
    ///   - tokens: The text to measure on.
    ///   - windows: The most windows; the library's default if nil.
    ///   - top: The most neurons to report on for each kind of feature.
    ///   - arguments: Of a command with the common output options.
    /// - Returns: The survey.
    /// - Throws: An error for a text that is too short, too little memory or a model that has diverged.
    func surveyNeurons(
        on tokens: TokenArray, windows: Int?, top: Int, _ arguments: ParsedArguments
    ) throws -> NeuronSurvey {
        try require(NeuronSurvey.memory(model.configuration), for: "measuring the neurons")
        var progress = TimeLeft(arguments)
        defer { progress.finish() }
        return try NeuronSurvey(
            of: model, on: tokens, vocabulary: checkpoint.vocabulary, windows: windows, top: top
        ) {
            progress.update("measuring neurons", fraction: $0)
        }
    }
}
