/// The options of a program itself, which stand where the name of a command would.
enum ProgramOptions {
    static let version = Flag("version", "Print the version")
    static let completionScript = Option<Shell>(
        "generate-completion-script", "Print the script that makes a shell complete what is typed")
    static let manual = Flag("generate-manual", "Print the manual page, in mdoc")

    /// What completion scripts call with the words typed so far; not for people, so help does not show it.
    static let complete = "--complete"

    /// All others, as those of a command; `noun` is what the program's commands are called.
    static func declaration(_ noun: String) -> CommandDeclaration {
        let help = Flag("help", short: "h", "Print help; also works after any \(noun)")
        return CommandDeclaration(
            name: "", summary: "", description: "", examples: [],
            groups: [OptionGroup("Options", [help, version, completionScript, manual])],
            exclusive: [[completionScript, manual]])
    }
}
