import Console
import TinyGPT

/// The subject of `tinygpt attention`: a model, a text it has read, and the selected heads.
struct AttentionView {
    /// The text, of which the end was read.
    private let text: String
    let trace: ModelTrace
    let choice: HeadChoice
    let vocabulary: Vocabulary
    /// A remark on the text for the user, if there is one.
    let notice: String?
    private let stored: StoredModel
    private let arguments: ParsedArguments
    /// The attention through the training, with `--probe`.
    private let snapshots: [AttentionSnapshot]?
    /// The weights through the training, with `--probe` of a run that has kept them.
    private let weights: WeightSnapshots?

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        let probe = arguments[AttentionCommand.probe]
        if arguments[AttentionCommand.heads], !arguments.isGiven(AttentionCommand.html) {
            throw UsageError("--heads is for the explorer: add --html F, or use 'tinygpt heads'")
        }
        let isForPage = [
            ("--neurons", arguments[AttentionCommand.neurons]),
            ("--compare", arguments.isGiven(AttentionCommand.compare)),
            ("--precision", arguments.isGiven(AttentionCommand.precision)),
        ]
        if let option = isForPage.first(where: \.1), !arguments.isGiven(AttentionCommand.html) {
            throw UsageError("\(option.0) is for the explorer: add --html F")
        }
        // The probe ends with the last state, not with the best.
        stored = try StoredModel(
            run: arguments.positionals.first, arguments[CommonOptions.checkpoint] ?? (probe ? .last : nil))
        let configuration = stored.model.configuration
        choice = try HeadChoice(
            layer: arguments[AttentionCommand.layer], head: arguments[AttentionCommand.head], of: configuration)
        vocabulary = stored.checkpoint.vocabulary
        let prompt: String
        (prompt, snapshots) = try Self.text(stored, arguments)
        text = prompt
        let tokens = try stored.encode(prompt)
        guard !tokens.isEmpty else {
            throw CommandError(.usage, "--prompt is empty; expected at least one character")
        }
        notice =
            tokens.count > configuration.context
            ? "the prompt has \(tokens.count) characters; looking at the last \(configuration.context), the model's context"
            : nil
        let positions = min(tokens.count, configuration.context)
        try stored.require(
            MemoryEstimate.inference(configuration, positions: positions, isTraced: true), for: "looking at attention")
        trace = try ModelTrace(of: stored.model, on: tokens.suffix(configuration.context))
        let isKept =
            snapshots != nil && stored.folder.hasSnapshots
            && stored.model.parameterCount <= ExplorerPage.mostParametersOfHistory
        weights = isKept ? WeightSnapshots(of: stored.folder) : nil
    }

    /// The characters that were read.
    var characters: [Unicode.Scalar] { trace.tokens.map { vocabulary.characters[Int($0)] } }

    /// The same as something to see.
    var names: [String] { characters.map { Vocabulary.visibleName(of: $0) } }

    /// The text to look at, and what the run has kept about it.
    private static func text(
        _ stored: StoredModel, _ arguments: ParsedArguments
    ) throws -> (String, [AttentionSnapshot]?) {
        guard arguments[AttentionCommand.probe] else {
            if let prompt = arguments[AttentionCommand.prompt] { return (prompt, nil) }
            guard isPageAlone(arguments) else {
                throw UsageError("--prompt TEXT is missing; it names the text to look at")
            }
            guard ExplorerPage.holds(stored.model) else {
                throw UsageError(
                    "--prompt TEXT is missing: this model has \(stored.model.parameterCount) weights, more than the "
                        + "\(ExplorerPage.mostParameters) of which a page runs the model, so the page is a recording of one text"
                )
            }
            return (
                try ExplorerPage.ownText(
                    of: stored.model, vocabulary: stored.checkpoint.vocabulary, isLine: stored.lineBreak != nil), nil
            )
        }
        guard stored.folder.hasProbe else {
            throw CommandError(
                .missingInput,
                "\(stored.folder.path.quoted) has no probe; train a run with one: tinygpt train --probe TEXT")
        }
        let (text, snapshots) = try ProbeLog.read(stored.folder.probePath, for: stored.checkpoint)
        return (text, snapshots)
    }

    /// Whether nothing but the explorer was asked for, which needs no text.
    private static func isPageAlone(_ arguments: ParsedArguments) -> Bool {
        let others = [AttentionCommand.svg, AttentionCommand.npy, AttentionCommand.safetensors, AttentionCommand.json]
        return arguments.isGiven(AttentionCommand.html) && !others.contains { arguments.isGiven($0) }
    }

    /// The explorer.
    func page() throws -> ExplorerPage {
        let (model, facts) = (stored.model, stored.facts)
        let isHeld = ExplorerPage.holds(model) && (snapshots == nil || weights != nil)
        var page =
            isHeld
            ? ExplorerPage(
                model, vocabulary: vocabulary, facts: facts, text: text,
                precision: arguments[AttentionCommand.precision])
            : ExplorerPage(trace, vocabulary: vocabulary, facts: facts)
        page.add(notice: isHeld ? nil : notice)
        if let other = try compared(isHeld: isHeld) {
            page.compare(
                with: other.model, vocabulary: vocabulary, facts: other.facts,
                precision: arguments[AttentionCommand.precision])
        }
        page.open(at: choice, of: model, on: trace.tokens)
        if let snapshots, let weights {
            add(weights, snapshots, to: &page)
        } else if let snapshots {
            try page.add(snapshots, upTo: stored.checkpoint.progress.step, from: stored.folder.probePath)
        }
        if arguments[AttentionCommand.heads] {
            let hint = "omit --heads, or: tinygpt heads \(stored.folder.path.shellPath) TEXT"
            let text = try MeasuredText([], split: .val, for: stored, hint: hint, arguments)
            page.add(try stored.surveyHeads(on: text.tokens, arguments))
        }
        if arguments[AttentionCommand.neurons] {
            guard isHeld else { throw UsageError("--neurons needs a page that runs the model, not a recording") }
            let hint = "omit --neurons, or: tinygpt neurons \(stored.folder.path.shellPath) TEXT"
            let text = try MeasuredText([], split: .val, for: stored, hint: hint, arguments)
            let survey = try stored.surveyNeurons(
                on: text.tokens, windows: nil, top: NeuronsCommand.usualTop, arguments)
            page.add(survey, vocabulary: vocabulary)
        }
        return page
    }

    /// Adds the models of earlier validations, as far as their files can be read.
    private func add(_ weights: WeightSnapshots, _ snapshots: [AttentionSnapshot], to page: inout ExplorerPage) {
        let (last, steps) = (stored.checkpoint.progress.step, Set(weights.steps))
        let earlier = snapshots.filter { $0.step < last }
        page.add(
            earlier.filter { steps.contains($0.step) }.map { ($0.step, $0.loss) }, of: earlier.count + 1, upTo: last,
            loss: snapshots.last { $0.step == last }?.loss,
            vocabulary: vocabulary
        ) { step in
            do { return try weights.model(ofStep: step, for: stored.checkpoint) } catch {
                if !arguments[CommonOptions.quiet] {
                    StandardStreams.note("the page goes without step \(step): \(error)\n")
                }
                return nil
            }
        }
    }

    /// The other model of `--compare`: it must fit into a page, know the same characters, and have as many heads.
    private func compared(isHeld: Bool) throws -> StoredModel? {
        guard let run = arguments[AttentionCommand.compare] else { return nil }
        guard isHeld else { throw UsageError("--compare needs a page that runs the model, not a recording") }
        let isSame = try RunFolder.find(run).name == stored.folder.name
        let other = try StoredModel(run: run, isSame ? (stored.choice == .best ? .last : .best) : nil)
        guard ExplorerPage.holds(other.model) else {
            throw UsageError("--compare \(run.quoted) has \(other.model.parameterCount) weights, too many for a page")
        }
        let (own, others) = (stored.model.configuration, other.model.configuration)
        guard other.checkpoint.vocabulary == vocabulary, (own.layers, own.heads) == (others.layers, others.heads) else {
            throw UsageError(
                "--compare \(run.quoted) has \(others.layers) layers of \(others.heads) heads and \(others.vocabulary) "
                    + "characters; expected \(own.layers) of \(own.heads) and the same \(own.vocabulary) characters")
        }
        return other
    }

    var array: AttentionArray {
        AttentionArray(trace, layer: choice.layer, head: choice.head, vocabulary: vocabulary)
    }

    /// The selection and the length of the text, for the notice about a written file.
    var summary: String {
        let layer = choice.layer.map { "layer \($0)" } ?? "\(choice.layers.count) layers"
        let head = choice.head.map { "head \($0)" } ?? "\(trace.heads) heads"
        return "\(layer), \(head), \(trace.tokens.count) characters"
    }
}
