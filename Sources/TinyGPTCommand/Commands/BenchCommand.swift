/// `tinygpt bench`: measures this computer.
struct BenchCommand: Command {
    let declaration = CommandDeclaration(
        name: "bench",
        summary: "Measure how fast this computer trains and samples",
        description:
            "Measures matrix products, the trainer's own step or sampling, on random weights and text, so no run "
            + "is needed. scripts/compare-with-pytorch.sh puts the figures beside PyTorch's.",
        examples: [
            Example("tinygpt bench step", "a training step of the cpu preset"),
            Example("tinygpt bench step --preset baby --batch 16", "one of the larger preset"),
            Example("tinygpt bench matmul --json", "seven matrix products, as JSON"),
        ],
        positionals: [
            Positional(
                "WHAT", "matmul, step, sample, or peak: what no matrix product can exceed", default: "the first three")
        ],
        groups: [
            OptionGroup(
                "Options",
                [
                    Option("preset", .choice(["cpu", "baby"]), "Sizes of the model", default: "cpu"),
                    Option("batch", .wholeNumber(1...65536), "Windows in a step", default: "cpu 12, baby 64"),
                    Option("context", .wholeNumber(1...65536), "Characters in a window", default: "cpu 64, baby 256"),
                    Option("width", .wholeNumber(1...16384), "Channels", default: "cpu 128, baby 384"),
                    Option(
                        "steps", .wholeNumber(4...100_000), "Steps to time; a quarter is not counted", default: "40"),
                    Option("length", .wholeNumber(1...1_000_000), "Characters to sample", default: "2000"),
                    Option("threads", .wholeNumber(1...1024), "Threads to compute with", default: "one for each core"),
                    Option("json", .flag, "Print each result as a line of JSON"),
                ]),
            OptionGroup("Output", Option.output),
        ],
        exclusive: [["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        try BenchSession(arguments).run()
    }
}
