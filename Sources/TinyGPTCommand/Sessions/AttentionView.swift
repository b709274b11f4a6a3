import TinyGPT

/// What `tinygpt attention` looks at: a model, a text it has read, and the heads that were chosen.
struct AttentionView {
    let trace: ModelTrace
    let choice: HeadChoice
    let vocabulary: Vocabulary
    let heads: Int
    /// Said of the text, if something has to be.
    let notice: String?
    private let run: String

    init(_ stored: StoredModel, _ arguments: ParsedArguments) throws {
        let sizes = stored.model.configuration
        choice = try HeadChoice(layer: arguments.integer("layer"), head: arguments.integer("head"), of: sizes)
        vocabulary = stored.checkpoint.vocabulary
        heads = sizes.heads
        run = stored.folder.path
        let tokens = try stored.encode(arguments.text("prompt") ?? "")
        guard !tokens.isEmpty else {
            throw TinyGPTError(.usage, "--prompt is empty; give at least one character to look at")
        }
        notice =
            tokens.count > sizes.context
            ? "the prompt has \(tokens.count) characters; looking at the last \(sizes.context), the model's context" : nil
        trace = try ModelTrace(of: stored.model, on: tokens.suffix(sizes.context))
    }

    /// The characters that were read.
    var characters: [Unicode.Scalar] { trace.tokens.map { vocabulary.characters[Int($0)] } }

    /// The same as something to see.
    var names: [String] { characters.map { Vocabulary.visibleName(of: $0) } }

    var page: ExplorerPage {
        ExplorerPage(trace, heads: heads, vocabulary: vocabulary, title: run, notice: notice)
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
