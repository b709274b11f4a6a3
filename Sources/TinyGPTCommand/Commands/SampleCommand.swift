/// `tinygpt sample`: lets a model write.
struct SampleCommand: Command {
    let declaration = CommandDeclaration(
        name: "sample",
        summary: "Let a model write",
        description: "Prints the prompt and what the model writes after it on standard output.",
        examples: [
            Example("tinygpt sample", "500 characters of the newest"),
            Example("tinygpt sample -p \"ROMEO:\" --temperature 0.5", "more careful"),
            Example("tinygpt sample --prompt-file start.txt -n 2000", "a long text from a file"),
        ],
        positionals: [.run],
        groups: [
            OptionGroup("Common options", commonOptions),
            OptionGroup("More options", moreOptions),
            OptionGroup("Output", Option.output),
        ],
        exclusive: [["prompt", "prompt-file"], ["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        try SamplingSession(arguments).run()
    }

    private static let commonOptions = [
        Option("prompt", short: "p", .text, "What the text begins with", default: "a line break"),
        Option("prompt-file", .text, as: "F|-", "The same from a file, or from standard input"),
        Option(
            "length", short: "n", .wholeNumber(0...100_000_000), "Characters to write after the prompt", default: "500",
            aliases: ["max-new-tokens"]),
        Option(
            "temperature", .number(.from(0)),
            "Below 1 keeps to the likely, above 1 dares more, 0 always takes the likeliest", default: "0.8"),
        Option(
            "count", .wholeNumber(1...10_000), "Texts to write, each from the same prompt", default: "1",
            aliases: ["num-samples"]),
    ]

    private static let moreOptions = [
        Option("top-k", .wholeNumber(1...1_114_112), "Choose among the N likeliest characters", default: "all"),
        Option(
            "top-p", .number(.above(0, upTo: 1)),
            "Choose among the likeliest characters that together reach probability X", default: "1"),
        Option("stop", .text, "End where this text has been written"),
        Option(
            "seed", .wholeNumber(0...Int.max), "Start of the random numbers; the same seed gives the same text",
            default: "1337"),
        .checkpoint,
        Option("explain", .flag, "Print each character's probability, its entropy and what else it might have been"),
        Option("html", .text, as: "F", "Write a page that replays the writing and shows where every head looked"),
    ]
}
