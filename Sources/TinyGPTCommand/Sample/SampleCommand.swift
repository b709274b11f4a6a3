import Console
import TinyGPT

/// `tinygpt sample`: samples text from a model.
struct SampleCommand: Command {
    static let prompt = Option<String>(
        "prompt", short: "p", "Text to continue", default: "a line break")
    static let promptFile = Option<String>(
        "prompt-file", as: "F|-", "Read the prompt from a file, or from standard input (-)")
    static let length = Option<Int>(
        "length", short: "n", in: 0...100_000_000,
        "Characters to generate after the prompt; with a run trained with --lines, a text ends at its line break",
        aliases: ["max-new-tokens"]
    ).or(500)
    static let temperature = Option<Double>(
        "temperature", in: .from(0),
        "Below 1 is more conservative, above 1 more varied; 0 always takes the most likely character"
    ).or(Sampler.defaultTemperature)
    static let count = Option<Int>(
        "count", in: 1...10_000, "Texts to generate, each from the same prompt", aliases: ["num-samples"]
    ).or(1)
    static let topK = Option<Int>(
        "top-k", in: GPT.Configuration.Limits.vocabulary, "Sample only from the N most likely characters",
        default: "all")
    static let topP = Option<Double>(
        "top-p", in: .above(0, upTo: 1),
        "Sample only from the most likely characters that together reach probability X",
        default: "all")
    static let minP = Option<Double>(
        "min-p", in: .from(0, upTo: 1),
        "Sample only from characters with at least X times the probability of the most likely one", default: "all")
    static let repetitionPenalty = Option<Double>(
        "repetition-penalty", in: .from(1),
        "Make recent characters less likely; 1 for no penalty"
    ).or(1)
    static let repetitionWindow = Option<Int>(
        "repetition-window", in: GPT.Configuration.Limits.context,
        "How many of the last characters the penalty counts as recent"
    ).or(Sampler.defaultRepetitionWindow)
    static let stop = Option<String>("stop", "Stop as soon as this text has been generated")
    static let seed = CommonOptions.seed("Seed of the random numbers; the same seed gives the same text")
    static let explain = Flag(
        "explain", "Print each character's probability, the entropy and the alternatives")
    static let check = Flag(
        "check", "Show which parts of the text stand word for word in the training text")
    static let lines = Flag(
        "lines",
        "Write whole lines, one for each --count, and mark those of the training text; for runs trained with --lines")
    static let interactive = Flag(
        "interactive", short: "i",
        "Type beginnings and read how the model goes on; Ctrl-C ends a text, Ctrl-D the program")
    static let json = Flag("json", "Print each text as a line of JSON, with the probability of every character")
    static let html = Option<String>(
        "html", as: "F", "Write a page that replays the sampling and shows where every head looked")

    let declaration = CommandDeclaration(
        name: "sample",
        summary: "Sample text from a model",
        description: "Prints the prompt, followed by the text that the model generates, on standard output.",
        examples: [
            Example("tinygpt sample", "500 characters from the newest run"),
            Example("tinygpt sample -p \"ROMEO:\" --temperature 0.5", "more conservative"),
            Example("tinygpt sample --prompt-file start.txt -n 2000", "a long text, the prompt from a file"),
        ],
        positionals: [.run],
        groups: [
            OptionGroup("Common options", [prompt, promptFile, lines, interactive, length, temperature, count]),
            OptionGroup(
                "More options",
                [
                    topK, topP, minP, repetitionPenalty, repetitionWindow, stop, seed, CommonOptions.checkpoint,
                    CommonOptions.weights, explain, check, json, html,
                ]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: [
            [prompt, promptFile, interactive], [interactive, count], [interactive, explain], [interactive, html],
            [interactive, check], [interactive, json], [interactive, lines], [lines, prompt, promptFile],
            [lines, explain], [lines, html], [lines, check], [lines, stop], [explain, check, json], [html, check],
            [html, json],
        ] + CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws { try TextSampling(arguments).run() }
}
