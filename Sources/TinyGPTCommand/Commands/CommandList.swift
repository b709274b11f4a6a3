/// Every command of the program, in the order of the help; a new one is a file beside this one and a line here.
enum CommandList {
    static let all: [any Command] = [
        TrainCommand(),
        SampleCommand(),
        AttentionCommand(),
        HeadsCommand(),
        EvalCommand(),
        ExportCommand(),
        ImportCommand(),
        RunsCommand(),
        BenchCommand(),
        HelpCommand(),
    ]
}
