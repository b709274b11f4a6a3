/// `tinygpt heads`: says what each head does and what it is worth.
struct HeadsCommand: Command {
    let declaration = CommandDeclaration(
        name: "heads",
        summary: "Say what each attention head does and what it is worth",
        description: "Measures every head on a text: where it looks, each score beside its chance under attention to "
            + "everything equally, and by how much the loss rises when the head is removed.",
        examples: [
            Example("tinygpt heads", "the newest run on its own validation text"),
            Example("tinygpt heads notes --characters 50000", "more text, smaller errors"),
            Example("tinygpt heads notes other.txt --json", "another text, every number"),
        ],
        positionals: [
            .run,
            Positional("TEXT", "UTF-8 text files, joined", default: "the text of the run", isRepeated: true),
        ],
        groups: [
            OptionGroup(
                "Options",
                [
                    .split,
                    Option(
                        "characters", .wholeNumber(2...1_000_000_000), "How many characters of it to use at most",
                        default: "8192"),
                    Option("threads", .wholeNumber(1...1024), "Threads to compute with", default: "one for each core"),
                    .checkpoint,
                    Option("json", .flag, "Print each head as a line of JSON"),
                ]),
            OptionGroup("Output", Option.output),
        ],
        exclusive: [["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        try HeadsSession(arguments).run()
    }
}
