/// `tinygpt heads`: what each head does and what it is worth.
struct HeadsCommand: Command {
    let declaration = CommandDeclaration(
        name: "heads",
        summary: "Measure what each attention head does and is worth",
        description: "Measures, on the beginning of a text, where every head looks, beside what a head that looks at "
            + "everything alike would score, and how much the loss rises when the head is removed: when what it has "
            + "gathered is replaced by its mean, and by zero. The most valuable head comes first.",
        examples: [
            Example("tinygpt heads", "the newest run on its own validation text"),
            Example("tinygpt heads notes other.txt", "the run 'notes' on another text"),
            Example("tinygpt heads --windows 1000", "on more text: slower, smaller errors"),
            Example("tinygpt heads --json", "every number, a line for each head"),
        ],
        positionals: [.run, .measuredText],
        groups: [
            OptionGroup(
                "Options",
                [
                    .split, .checkpoint,
                    Option(
                        "windows", .wholeNumber(1...1_000_000),
                        "The most windows of text to measure, each as long as the context",
                        default: "8192 characters, at least 16 windows"),
                    Option(
                        "threads", .wholeNumber(1...1024), "Threads to compute with; the result does not depend on it",
                        default: "one for each core"),
                    Option("json", .flag, "Print each head as a line of JSON"),
                ]),
            OptionGroup("Output", Option.output),
        ],
        exclusive: [["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        try HeadsSession(arguments).run()
    }
}
