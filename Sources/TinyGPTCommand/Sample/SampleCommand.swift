import TinyGPT

/// `tinygpt sample`: lets a model write.
struct SampleCommand: Command {
    static let prompt = Option<String>(
        "prompt", short: "p", "What the text begins with", default: "a line break")
    static let promptFile = Option<String>("prompt-file", as: "F|-", "The same from a file, or from standard input")
    static let length = Option<Int>(
        "length", short: "n", in: 0...100_000_000, "Characters to write after the prompt", aliases: ["max-new-tokens"]
    ).or(500)
    static let temperature = Option<Double>(
        "temperature", in: .from(0), "Below 1 keeps to the likely, above 1 dares more, 0 always takes the likeliest"
    ).or(Sampler.defaultTemperature)
    static let count = Option<Int>(
        "count", in: 1...10_000, "Texts to write, each from the same prompt", aliases: ["num-samples"]
    ).or(1)
    static let topK = Option<Int>(
        "top-k", in: 1...1_114_112, "Choose among the N likeliest characters", default: "all")
    static let topP = Option<Double>(
        "top-p", in: .above(0, upTo: 1), "Choose among the likeliest characters that together reach probability X",
        default: "1")
    static let stop = Option<String>("stop", "End where this text has been written")
    static let seed = CommonOptions.seed("Start of the random numbers; the same seed gives the same text")
    static let explain = Flag(
        "explain", "Print each character's probability, its entropy and what else it might have been")
    static let html = Option<String>(
        "html", as: "F", "Write a page that replays the writing and shows where every head looked")

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
            OptionGroup("Common options", [prompt, promptFile, length, temperature, count]),
            OptionGroup("More options", [topK, topP, stop, seed, CommonOptions.checkpoint, explain, html]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: [[prompt, promptFile]] + CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws { try TextSampling(arguments).run() }
}
