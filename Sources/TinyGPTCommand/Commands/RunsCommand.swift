/// `tinygpt runs`: lists the runs.
struct RunsCommand: Command {
    let declaration = CommandDeclaration(
        name: "runs",
        summary: "List the runs and how well they did",
        description: "Lists the run folders under runs/, the newest first.",
        examples: [
            Example("tinygpt runs", "a table"),
            Example("tinygpt runs --json", "a line of JSON for each run"),
        ],
        groups: [
            OptionGroup(
                "Options", [Option("json", .flag, "Print each run as a line of JSON")] + Option.output)
        ],
        exclusive: [["color", "no-color"]])

    func run(_ arguments: ParsedArguments) throws {
        try RunsSession(arguments).run()
    }
}
