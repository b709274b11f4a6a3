import TinyGPT

/// What `tinygpt attention` looks at: a model, a text it has read, and the heads that were chosen.
struct AttentionView {
    let trace: ModelTrace
    let choice: HeadChoice
    let vocabulary: Vocabulary
    let heads: Int
    /// Said of the text, if something has to be.
    let notice: String?
    private let stored: StoredModel
    private let arguments: ParsedArguments
    /// The attention all through training, if that was asked for.
    private let snapshots: [ProbeLog.Snapshot]?

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        let probe = arguments.flag("probe")
        if arguments.flag("heads"), !arguments.isGiven("html") {
            throw UsageError("--heads is for the explorer: add --html F, or use 'tinygpt heads'")
        }
        guard probe || arguments.isGiven("prompt") else {
            throw UsageError("--prompt TEXT is missing: the text to look at")
        }
        // The probe ends with the last state, not with the best.
        stored = try StoredModel(
            run: arguments.positionals.first, checkpoint: arguments.text("checkpoint") ?? (probe ? "last" : nil))
        let sizes = stored.model.configuration
        choice = try HeadChoice(layer: arguments.integer("layer"), head: arguments.integer("head"), of: sizes)
        vocabulary = stored.checkpoint.vocabulary
        heads = sizes.heads
        let prompt: String
        (prompt, snapshots) = try Self.text(stored, arguments)
        let tokens = try stored.encode(prompt)
        guard !tokens.isEmpty else {
            throw TinyGPTError(.usage, "--prompt is empty; give at least one character to look at")
        }
        notice =
            tokens.count > sizes.context
            ? "the prompt has \(tokens.count) characters; looking at the last \(sizes.context), the model's context"
            : nil
        trace = try ModelTrace(of: stored.model, on: tokens.suffix(sizes.context))
    }

    /// The characters that were read.
    var characters: [Unicode.Scalar] { trace.tokens.map { vocabulary.characters[Int($0)] } }

    /// The same as something to see.
    var names: [String] { characters.map { Vocabulary.visibleName(of: $0) } }

    /// The text to look at, and what the run has kept about it.
    private static func text(
        _ stored: StoredModel, _ arguments: ParsedArguments
    ) throws -> (String, [ProbeLog.Snapshot]?) {
        guard arguments.flag("probe") else {
            return (arguments.text("prompt") ?? "", nil)
        }
        guard stored.folder.hasProbe else {
            throw TinyGPTError(
                .missingInput,
                "'\(stored.folder.path)' has kept no probe; train one that does: tinygpt train --probe TEXT")
        }
        let (text, snapshots) = try ProbeLog.read(stored.folder.probePath)
        return (text, snapshots)
    }

    /// The explorer.
    func page() throws -> ExplorerPage {
        var page = ExplorerPage(
            trace, heads: heads, vocabulary: vocabulary, title: stored.folder.path, notice: notice)
        if let snapshots { page.add(snapshots, upTo: stored.checkpoint.progress.step) }
        if arguments.flag("heads") {
            let hint = "leave out --heads, or: tinygpt heads \(stored.folder.path) TEXT"
            let text = try MeasuredText([], split: "val", for: stored, hint: hint)
            page.add(try HeadSurvey.withProgress(stored, text.tokens, arguments))
        }
        return page
    }

    var array: AttentionArray {
        AttentionArray(trace, heads: heads, layer: choice.layer, head: choice.head, vocabulary: vocabulary)
    }

    /// What was looked at, for the line that says what was written.
    var summary: String {
        let layer = choice.layer.map { "layer \($0)" } ?? "\(choice.layers.count) layers"
        let head = choice.head.map { "head \($0)" } ?? "\(heads) heads"
        return "\(layer), \(head), \(trace.tokens.count) characters"
    }
}
