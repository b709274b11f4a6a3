/// `tinygpt attention`: shows what the heads look at.
struct AttentionCommand: Command {
    let declaration = CommandDeclaration(
        name: "attention",
        summary: "Show what each attention head looks at",
        description: "Runs a prompt through the model and shows the attention weights: which earlier characters each "
            + "character looks at, and what the model expects next. A prompt longer than the context loses its beginning.",
        examples: [
            Example("tinygpt attention --prompt \"To be\"", "every layer and head"),
            Example("tinygpt attention --prompt \"To be\" --head 2", "the third head of every layer"),
            Example("tinygpt attention --prompt \"To be\" --html to-be.html", "a page to explore"),
        ],
        positionals: [.run],
        groups: [
            OptionGroup(
                "Options",
                [
                    Option("prompt", short: "p", .text, "The text to look at"),
                    Option("probe", .flag, "Look at the text of train --probe; in the explorer, all through training"),
                    Option("layer", .wholeNumber(0...63), "Only this layer, counted from 0", default: "all"),
                    Option("head", .wholeNumber(0...63), "Only this head, counted from 0", default: "all"),
                    .checkpoint,
                ]),
            OptionGroup(
                "Files",
                [
                    Option("html", .text, as: "F", "Write the explorer, a page to look at in a browser"),
                    Option("heads", .flag, "In the explorer, say what each head does and is worth; takes a while"),
                    Option("svg", .text, as: "F", "Write a drawing of one head or of the grid of heads"),
                    Option("npy", .text, as: "F", "Write the weights for NumPy"),
                    Option("safetensors", .text, as: "F", "Write the weights as safetensors"),
                    Option("json", .text, as: "F|-", "Write every weight as JSON to a file, or to standard output"),
                ]),
            OptionGroup("Output", Option.output),
        ],
        exclusive: [["color", "no-color"], ["prompt", "probe"]])

    func run(_ arguments: ParsedArguments) throws {
        try AttentionSession(arguments).run()
    }
}
