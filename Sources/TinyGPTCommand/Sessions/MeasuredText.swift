import TinyGPT

/// The text that a command measures a model on: its TEXT and `--split`, or the run's own validation text.
struct MeasuredText {
    /// At least two characters.
    let tokens: [Int32]

    /// Reads the text that the arguments mean.
    ///
    /// - Throws: `TinyGPTError` for a text that is missing, changed since the training, too short or not the model's.
    init(_ arguments: ParsedArguments, for stored: StoredModel) throws {
        try self.init(
            Array(arguments.positionals.dropFirst()), split: arguments.text("split"), for: stored,
            hint: "tinygpt \(arguments.declaration.name) \(stored.folder.path) TEXT")
    }

    /// Reads the files given, or the run's own; of the former all, of the latter the validation part, unless told otherwise.
    init(_ given: [String], split: String?, for stored: StoredModel, hint: String) throws {
        let text = try RunText.read(given, of: stored.checkpoint, in: stored.folder, hint: hint)
        let all = try stored.checkpoint.vocabulary.encode(text.scalars)
        let trainCount = Corpus.trainCount(
            of: all.count, validationFraction: stored.checkpoint.settings.validationFraction)
        switch split ?? (given.isEmpty ? "val" : "all") {
        case "train": tokens = Array(all[..<trainCount])
        case "val": tokens = Array(all[trainCount...])
        default: tokens = all
        }
        guard tokens.count >= 2 else {
            throw TinyGPTError(
                .badData, "the text has \(tokens.count) characters; at least 2 are needed to predict one from another")
        }
    }
}
