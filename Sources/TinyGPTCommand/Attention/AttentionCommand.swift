import Console
import Foundation
import TinyGPT

/// `tinygpt attention`: shows what the heads look at.
struct AttentionCommand: Command {
    static let prompt = Option<String>(
        "prompt", short: "p",
        "Text to run the model on; without it, the explorer opens with a text that the model has written")
    static let probe = Flag(
        "probe",
        "Use the text of train --probe, and the last checkpoint unless --checkpoint names one; the explorer then covers the "
            + "whole training")
    static let layer = Option<Int>(
        "layer", in: 0...Int.max, "Only this layer, counted from 0", default: "all")
    static let head = Option<Int>(
        "head", in: 0...Int.max, "Only this head, counted from 0", default: "all")
    static let html = Option<String>(
        "html", as: "F",
        "Write the explorer, a page for a browser that holds the model and runs it as you type; opens at --layer and --head"
    )
    static let precision = Option<ExplorerPage.Precision>(
        "precision", "How the explorer stores the weights: f32 as they are, f16 in half the space",
        default: "f32 up to 2 million weights")
    static let compare = Option<String>(
        "compare", as: "RUN",
        "Add another run to the explorer, which shows both on the same text; of the same run, its other checkpoint")
    static let heads = Flag("heads", "Add pattern and importance of each head to the explorer; takes a while")
    static let neurons = Flag(
        "neurons", "Add what neurons follow to the explorer, as 'tinygpt neurons' finds it; takes some seconds")
    static let svg = Option<String>("svg", as: "F", "Write a drawing of one head, or of the grid of heads")
    static let npy = Option<String>("npy", as: "F", "Write the weights as a NumPy array")
    static let safetensors = Option<String>("safetensors", as: "F", "Write the weights as safetensors")
    static let json = Option<String>(
        "json", as: "F|-", "Write every weight as JSON to a file, or to standard output (-)")

    let declaration = CommandDeclaration(
        name: "attention",
        summary: "Show what each attention head looks at",
        description: "Runs a prompt through the model and shows the attention weights: which earlier characters each "
            + "character looks at, and what the model expects next. If the prompt is longer than the context, only its end is used.",
        examples: [
            Example("tinygpt attention --prompt \"To be\"", "every layer and head"),
            Example("tinygpt attention --prompt \"To be\" --head 2", "the third head of every layer"),
            Example("tinygpt attention --html model.html", "a page to type into"),
        ],
        positionals: [.run],
        groups: [
            OptionGroup("Options", [prompt, probe, layer, head, CommonOptions.checkpoint]),
            OptionGroup("Files", [html, precision, compare, heads, neurons, svg, npy, safetensors, json]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive + [[prompt, probe]])

    func run(_ arguments: ParsedArguments) throws {
        let view = try AttentionView(arguments)
        let outputs = try AttentionOutputs(view, arguments)
        let isQuiet = arguments[CommonOptions.quiet]
        if let notice = view.notice, !isQuiet { StandardStreams.note(notice + "\n") }
        if outputs.isEmpty {
            let style = TerminalStyle(descriptor: STDOUT_FILENO, arguments)
            try StandardStreams.output.write(AttentionPicture(view, style).text)
        }
        try outputs.write(isQuiet: isQuiet, view)
    }
}
