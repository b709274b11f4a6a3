import Console

extension CommandLineTool {
    /// The program: every command, in the order of the help. A new one is a folder beside this file and a line here.
    static let tinygpt: CommandLineTool = CommandLineTool(
        .tinygpt,
        commands: [
            TrainCommand(), SampleCommand(), AttentionCommand(), HeadsCommand(), NeuronsCommand(), EvalCommand(),
            ExportCommand(), ImportCommand(), RunsCommand(), BenchCommand(),
            HelpCommand(example: Example("tinygpt help train", "everything about training")) { .tinygpt },
        ])
}

extension Program {
    private static let firstSteps = [
        Example("tinygpt train", "train on Shakespeare's sonnets"),
        Example("tinygpt sample --prompt \"ROMEO:\"", "continue a text with the newest run"),
    ]

    static let tinygpt = Program(
        name: "tinygpt", noun: "command",
        summary: "trains a small character-level GPT on any text, on this computer's CPU",
        details: ", samples from it, and shows what its attention heads look at",
        firstSteps: firstSteps,
        examples: firstSteps + [Example("tinygpt help train", "everything about one command")],
        files: [
            Example("runs/", "Where runs are kept and looked for by their names, in the folder you are in"),
            Example("runs/NAME/index.html", "The page of a run, for a browser"),
        ],
        environment: [
            Example(
                "TINYGPT_CPU",
                "In the program for every CPU, x86-64-v2, x86-64-v3 or x86-64-v4: what to use instead of the newest that the CPU has"
            )
        ],
        failureMeaning: "failure, such as training that diverged",
        stopMeaning: "everything saved",
        reassurance: "Checkpoints saved so far are intact.",
        advice: \.advice)
}
