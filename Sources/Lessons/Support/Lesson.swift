import Console
import TinyGPT

/// A lesson: a command that prints a page of a textbook, computes everything on it, and checks the results.
protocol Lesson: Command {
    /// As typed on the command line.
    var name: String { get }
    /// One line in the list of lessons.
    var summary: String { get }
    /// What `--svg` draws, to follow "Draw"; nil for a lesson without a drawing.
    var drawing: String? { get }
    /// Options of this lesson alone.
    var options: [any OptionKey] { get }

    /// Writes the page from top to bottom.
    func teach(on page: Page) throws
}

extension Lesson {
    var drawing: String? { nil }

    var options: [any OptionKey] { [] }

    var declaration: CommandDeclaration {
        let svg = drawing.map { [LessonOptions.svg($0)] } ?? []
        var examples = [Example("lessons \(name)", "run the lesson")]
        if drawing != nil { examples.append(Example("lessons \(name) --svg \(name).svg", "write its drawing, too")) }
        return CommandDeclaration(
            name: name, summary: summary, description: "\(summary). Exits with 1 if a result is off.",
            examples: examples,
            groups: [
                OptionGroup(
                    "Options", options + svg + [CommonOptions.color, CommonOptions.noColor, CommonOptions.help])
            ],
            exclusive: CommonOptions.exclusive)
    }

    func run(_ arguments: ParsedArguments) throws {
        let page = try Page(arguments)
        try teach(on: page)
        try page.finish()
    }
}

/// Options of several lessons.
enum LessonOptions {
    static func svg(_ drawing: String) -> Option<String> {
        Option<String>("svg", as: "FILE", "Draw \(drawing), as an SVG file")
    }
}

/// `lessons all`: every lesson with its defaults, one after the other.
struct AllLessons: Command {
    let lessons: [any Lesson]

    let declaration = CommandDeclaration(
        name: "all", summary: "Run all of them, one after the other",
        description: "Runs all lessons, one after the other. Exits with 1 if a result of one of them is off.",
        examples: [Example("lessons all", "everything, in a few minutes")],
        groups: [OptionGroup("Options", [CommonOptions.color, CommonOptions.noColor, CommonOptions.help])],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        var failures: [String] = []
        for lesson in lessons {
            try StandardStreams.output.write("== \(lesson.name): \(lesson.summary)\n\n")
            do {
                try lesson.run(arguments.with(lesson.declaration))
            } catch let error as CommandError where error.code == .failure {
                failures.append("\(lesson.name): \(error.message)")
            }
            try StandardStreams.output.write("\n")
        }
        guard failures.isEmpty else { throw CommandError(.failure, failures.joined(separator: "\n")) }
    }
}
