import Console
import Foundation
import TinyGPT

/// The text that a command measures a model on: its TEXT and `--split`, or the run's own validation text.
struct MeasuredText {
    /// A part of a text, as `--split` names it.
    enum Split: String, CaseIterable, Sendable {
        case train, val, all
    }

    /// At least two characters.
    let tokens: TokenArray
    /// What the run was trained on, where the text is its own.
    let training: TokenArray?
    /// Whether the model was trained on some of it.
    let isTrainedOn: Bool

    /// The text of a command with RUN, TEXT and `--split`.
    ///
    /// - Throws: An error for a text that is missing, changed since the training, too short or not the model's.
    init(_ arguments: ParsedArguments, for stored: StoredModel) throws {
        try self.init(
            Array(arguments.positionals.dropFirst()), split: arguments[CommonOptions.split], for: stored,
            hint: "tinygpt \(arguments.declaration.name) \(stored.folder.path.shellPath) TEXT", arguments)
    }

    /// The files given, or the run's own; all of the former, the validation part of the latter, unless `split` says otherwise.
    /// `hint` is a command line with a TEXT, for messages; nil where the command takes none.
    init(
        _ given: [String], split: Split?, for stored: StoredModel, hint: String?, _ arguments: ParsedArguments
    ) throws {
        let text = try stored.checkpoint.data.text(
            given, in: stored.folder, hint: hint, arguments)
        let all = try text.tokens(in: stored.checkpoint.vocabulary)
        let parts = try Self.parts(all, of: stored)
        training = given.isEmpty ? parts.train : nil
        let split = split ?? (given.isEmpty ? .val : .all)
        isTrainedOn = split != .val && text.sha256 == stored.checkpoint.data.sha256
        switch split {
        case .train: tokens = parts.train
        case .val: tokens = parts.validation
        case .all: tokens = parts.all
        }
        try Self.check(tokens, of: stored, isOwn: given.isEmpty, hint: hint)
    }

    /// A text as the run splits its own; of another text, parts may be too short to train on.
    private static func parts(
        _ text: TokenArray, of stored: StoredModel
    ) throws -> (train: TokenArray, validation: TokenArray, all: TokenArray) {
        let settings = stored.checkpoint.settings
        guard settings.lines else {
            let count = Corpus.trainCount(of: text.count, validationFraction: settings.validationFraction)
            return (text.part(0..<count), text.part(count..<text.count), text)
        }
        let corpus = try Corpus(
            text, stored.checkpoint.vocabulary, context: stored.model.configuration.context,
            validationFraction: settings.validationFraction, linesSeed: settings.seed)
        return (corpus.train, corpus.validation, corpus.all)
    }

    private static func check(_ tokens: TokenArray, of stored: StoredModel, isOwn: Bool, hint: String?) throws {
        if tokens.count == 0, isOwn, stored.checkpoint.settings.validationFraction == 0 {
            throw CommandError(
                .usage,
                "\(stored.folder.path.quoted) was trained on its whole text, which leaves nothing to measure on; name another "
                    + "text or --split train\(hint.map { ": \($0)" } ?? "")")
        }
        guard tokens.count >= 2 else { throw TinyGPTError.tooShortToMeasure(characters: tokens.count) }
    }
}

extension Checkpoint.DataDescription {
    /// The text of a run: the one it was trained on, unless others are named.
    ///
    /// - Parameters:
    ///   - given: The files named on the command line; none for the run's own.
    ///   - folder: The run.
    ///   - hint: A command line with a TEXT, for messages; nil where the command takes none.
    ///   - arguments: Of a command with the common output options, for the progress of reading.
    /// - Returns: The text.
    /// - Throws: ``CommandError`` when the run has no text that can be read again, or that text has changed.
    func text(
        _ given: [String], in folder: RunFolder, hint: String?, _ arguments: ParsedArguments
    ) throws -> LoadedText {
        guard given.isEmpty else { return try LoadedText(named: given, lines: lines ?? false, arguments) }
        if files.isEmpty {
            throw CommandError(
                .usage, "\(folder.path.quoted) has no text of its own\(hint.map { "; name one: \($0)" } ?? "")")
        }
        let advice = hint.map { "; name the text: \($0)" } ?? ""
        if files.contains("-") {
            throw CommandError(
                .usage,
                "\(folder.path.quoted) was trained on standard input, which cannot be read again\(advice)"
            )
        }
        // Nothing else can be read twice, and a pipe would be waited for.
        if let other = files.first(where: { ![S_IFREG, nil].contains(FileStatus.type(at: $0)) }) {
            throw CommandError(
                .badData,
                "\(other.quoted), the text of \(folder.path.quoted), is not a regular file\(advice)")
        }
        let text = try LoadedText(of: self, arguments)
        guard text.sha256 == sha256 else {
            throw CommandError(
                .badData,
                """
                \(files.prefix(5).map(\.inOneLine).joined(separator: ", "))\(files.count > 5 ? ", …" : "") is no longer the text that \(folder.path.quoted) was trained on: its SHA-256 \
                begins with \(text.sha256.prefix(12)), expected \(sha256.prefix(12))\(advice)
                """)
        }
        return text
    }
}
