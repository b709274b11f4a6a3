/// `tinygpt train`: makes a model out of text.
struct TrainCommand: Command {
    let declaration = CommandDeclaration(
        name: "train",
        summary: "Train a model on text files",
        description: "Trains a character-level GPT on text files and keeps everything in a run folder. "
            + "Ctrl-C ends the step at hand and saves; --resume goes on from there.",
        examples: [
            Example("tinygpt train", "Shakespeare, the small preset"),
            Example("tinygpt train notes.txt --run runs/notes", "your own text, a folder of your choice"),
            Example("tinygpt train --preset baby --batch 16", "a larger model, less memory"),
            Example("tinygpt train --resume", "go on with the newest run"),
        ],
        positionals: [
            Positional(
                "TEXT", "UTF-8 text files, joined in this order", default: "data/shakespeare.txt", isRepeated: true)
        ],
        groups: [
            OptionGroup("Common options", commonOptions),
            OptionGroup("Model", modelOptions),
            OptionGroup("Training", trainingOptions),
            OptionGroup("Output", [probe, json] + Option.output),
        ],
        exclusive: [["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        var session = try TrainingSession(arguments)
        try session.run()
    }

    private static let commonOptions = [
        Option(
            "preset", .choice(["cpu", "baby"]),
            "Values of the options marked cpu and baby: minutes on a laptop, or hours",
            default: "cpu"),
        Option(
            "steps", .wholeNumber(0...1_000_000_000), "Optimiser steps; 0 writes the initial model",
            default: "cpu 2000, baby 5000", aliases: ["max-iters"]),
        Option(
            "run", .text, as: "DIR", "Folder to create for the run",
            default: "a new one under runs/"),
        Option(
            "resume", .optionalText, as: "RUN", "Go on with a run exactly where it stopped; without RUN, the newest"),
        Option(
            "seed", .wholeNumber(0...Int.max), "Start of all random numbers; the same seed gives the same model",
            default: "1337"),
        Option(
            "threads", .wholeNumber(1...1024), "Threads to compute with; the result does not depend on it",
            default: "one for each core"),
    ]

    private static let modelOptions = [
        Option("layers", .wholeNumber(1...64), "Transformer blocks", default: "cpu 4, baby 6", aliases: ["n-layer"]),
        Option(
            "heads", .wholeNumber(1...64), "Attention heads in each block; must divide the width",
            default: "cpu 4, baby 6", aliases: ["n-head"]),
        Option("width", .wholeNumber(1...16384), "Channels", default: "cpu 128, baby 384", aliases: ["n-embd"]),
        Option(
            "context", .wholeNumber(1...65536), "Characters the model sees at once", default: "cpu 64, baby 256",
            aliases: ["block-size"]),
        Option(
            "dropout", .number(.from(0, below: 1)), as: "P", "Probability of dropping a value while training",
            default: "cpu 0, baby 0.2"),
        Option("bias", .flag, "Add biases to linear layers and layer norms"),
        Option("tied", .flag, "Share the embedding with the output layer"),
    ]

    private static let trainingOptions = [
        Option(
            "batch", .wholeNumber(1...65536), "Windows of text in each step", default: "cpu 12, baby 64",
            aliases: ["batch-size"]),
        Option(
            "learning-rate", .number(.above(0)), "Highest learning rate, reached after the warm-up", default: "0.001"),
        Option(
            "min-learning-rate", .number(.from(0)), "Learning rate that it falls to by the end",
            default: "0.0001, or --learning-rate if lower",
            aliases: ["min-lr"]),
        Option(
            "warmup", .wholeNumber(0...1_000_000_000), "Steps in which the learning rate rises from 0",
            default: "100", aliases: ["warmup-iters"]),
        Option("weight-decay", .number(.from(0)), "AdamW weight decay of matrices", default: "0.1"),
        Option(
            "clip", .number(.above(0)), "Largest norm of all gradients together", default: "1", aliases: ["grad-clip"]),
        Option(
            "val-fraction", .number(.above(0, below: 1)), as: "F",
            "Part of the text, from its end, kept for validation",
            default: "0.1"),
        Option(
            "eval-every", .wholeNumber(1...1_000_000_000), "Steps between validations", default: "250",
            aliases: ["eval-interval"]),
    ]

    private static let probe = Option(
        "probe", .text, as: "TEXT", "Keep the attention on this text at every validation, to see heads form")

    private static let json = Option("json", .flag, "Print every step as a line of JSON on standard output")
}
