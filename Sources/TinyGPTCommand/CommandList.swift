/// Every command of the program, in the order of the help. A new one is a folder beside this file and a line here.
enum CommandList {
    static let all: [any Command] = [
        TrainCommand(), SampleCommand(), AttentionCommand(), HeadsCommand(), EvalCommand(), ExportCommand(),
        ImportCommand(), RunsCommand(), BenchCommand(), HelpCommand { CommandList.all },
    ]
}
