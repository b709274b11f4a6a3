import TinyGPT

/// What a program built from commands says about itself: in its help, its version and its error messages.
package struct Program: Sendable {
    /// As typed: `tinygpt`.
    package let name: String
    /// What its commands are called, in the singular: `command`.
    package let noun: String
    /// What it does, in one line that follows the name.
    package let summary: String
    /// The rest of the sentence that begins with the summary, in the long help.
    package let details: String
    /// For the short help, before the list of commands.
    package let firstSteps: [Example]
    /// For the long help.
    package let examples: [Example]
    /// Whether the short help explains each command.
    package let explainsCommands: Bool
    /// The files that it keeps and the variables that it reads beside those for colors, for the manual page.
    package let files, environment: [Example]
    /// The meaning of exit code 1, for help.
    package let failureMeaning: String
    /// The state after a signal has stopped the program, for help; nil for a program that handles no signal.
    package let stopMeaning: String?
    /// A sentence about what is safe when memory runs out; nil where nothing is at stake.
    package let reassurance: String?
    /// Advice about an error of the library, in terms of this program's options.
    package let advice: @Sendable (TinyGPTError) -> String?

    /// The version, that of the package, and its day as manual pages have it.
    package static let (version, day) = ("0.1.0", "November 28, 2026")

    /// "COMMAND": what stands for the name of a command in help.
    package var placeholder: String { noun.uppercased() }

    /// Describes a program; optional parts left out are not mentioned.
    package init(
        name: String, noun: String, summary: String, details: String = "", firstSteps: [Example] = [],
        examples: [Example], explainsCommands: Bool = false, files: [Example] = [], environment: [Example] = [],
        failureMeaning: String, stopMeaning: String? = nil,
        reassurance: String? = nil, advice: @escaping @Sendable (TinyGPTError) -> String? = { _ in nil }
    ) {
        self.name = name
        self.noun = noun
        self.summary = summary
        self.details = details
        self.firstSteps = firstSteps
        self.examples = examples
        self.explainsCommands = explainsCommands
        (self.files, self.environment) = (files, environment)
        self.failureMeaning = failureMeaning
        self.stopMeaning = stopMeaning
        self.reassurance = reassurance
        self.advice = advice
    }
}
