/// `tinygpt import`: brings a model back.
struct ImportCommand: Command {
    let declaration = CommandDeclaration(
        name: "import",
        summary: "Make a run of a model from another program",
        description:
            "Reads a folder of Hugging Face's transformers that 'tinygpt export' wrote, and that may have been "
            + "trained or edited in Python since, and makes a run of it.",
        examples: [
            Example("tinygpt import model --from huggingface --run runs/edited", "then: tinygpt sample runs/edited"),
            Example("tinygpt train notes.txt --resume runs/edited", "train it on, on a text of yours"),
        ],
        positionals: [Positional("DIR", "The folder to read", default: nil)],
        groups: [
            OptionGroup(
                "Options",
                [
                    Option("from", .choice(["huggingface"]), "The kind of folder", isRequired: true),
                    Option("run", .text, as: "DIR", "Run folder to create", default: "a new one under runs/"),
                ]),
            OptionGroup("Output", Option.output),
        ],
        exclusive: [["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        try ImportSession(arguments).run()
    }
}
