import Console

extension CommandLineTool {
    /// The lessons in the order in which they build on each other. A new one is a file beside this one and a line here.
    private static let all: [any Lesson] = [
        ExpressionLesson(), DoubleLesson(), NeuronsLesson(), MoonsLesson(), DigitsLesson(), AttentionLesson(),
        LadderLesson(),
        RNNLesson(), PairLesson(),
    ]

    /// The program: each lesson is a command.
    static let lessons: CommandLineTool = CommandLineTool(
        .lessons,
        commands: all + [
            AllLessons(lessons: all),
            HelpCommand(about: "lesson", example: Example("lessons help double", "everything about one lesson")) {
                .lessons
            },
        ])
}

extension Program {
    static let lessons = Program(
        name: "lessons", noun: "lesson",
        summary: "shows how neural networks learn, from one neuron to a small GPT",
        details: "; every lesson is one short file that prints what it computes, and checks it",
        examples: [
            Example("lessons double", "run a lesson"),
            Example("lessons double --svg loss.svg", "write its drawing, too"),
            Example("lessons all", "run all of them"),
        ],
        explainsCommands: true,
        failureMeaning: "a result of the lesson is off")
}
