/// Options that several commands share.
extension Option {
    static let help = Option("help", short: "h", .flag, "Print this help")

    static let checkpoint = Option(
        "checkpoint", .choice(["best", "last"]),
        "Checkpoint to take: that with the lowest validation loss or the last one",
        default: "best where there is one, else last")

    static let split = Option(
        "split", .choice(["train", "val", "all"]), "Which part of the text",
        default: "all of TEXT; val of the run's own")

    static let color = Option(
        "color", .choice(["always", "never", "auto"]), "Use colours; auto asks NO_COLOR, FORCE_COLOR and the terminal",
        default: "auto")

    static let noColor = Option("no-color", .flag, "The same as --color never")

    static let quiet = Option("quiet", short: "q", .flag, "Print no progress and no notices, only results and errors")

    /// What every command prints by.
    static let output: [Option] = [.color, .noColor, .quiet, .help]
}

extension Positional {
    static let run = Positional("RUN", "A run folder, or its name under runs/", default: "the newest")

    static let measuredText = Positional(
        "TEXT", "UTF-8 text files, joined", default: "the text of the run", isRepeated: true)
}
