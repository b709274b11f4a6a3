/// `tinygpt eval`: measures a model.
struct EvalCommand: Command {
    let declaration = CommandDeclaration(
        name: "eval",
        summary: "Measure how well a model predicts a text",
        description: "Measures the loss over a whole text: every character but the first is predicted exactly once, so "
            + "the number is the same every time. Loss is in nats per character.",
        examples: [
            Example("tinygpt eval", "the newest run on its own validation text"),
            Example("tinygpt eval notes --split train", "the run 'notes' on what it learned from"),
            Example("tinygpt eval notes other.txt --json", "on all of another text"),
        ],
        positionals: [.run, .measuredText],
        groups: [
            OptionGroup(
                "Options",
                [
                    .split, .checkpoint,
                    Option("json", .flag, "Print the result as a line of JSON"),
                ]),
            OptionGroup("Output", Option.output),
        ],
        exclusive: [["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        try EvaluationSession(arguments).run()
    }
}
