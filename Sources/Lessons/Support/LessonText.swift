import Console
import TinyGPT

extension LessonOptions {
    /// The text of a lesson about texts.
    static let text = Option<String>("text", as: "FILE", "Learn from this UTF-8 text instead of Shakespeare's sonnets")
}

extension Page {
    /// The text of `--text`, or Shakespeare's sonnets.
    ///
    /// - Parameters:
    ///   - length: The least characters that the lesson needs.
    ///   - distinct: How many different ones it can do with.
    /// - Returns: The text.
    /// - Throws: ``TinyGPTError`` for a text that cannot be read; ``CommandError`` for one that is too short or has too few or
    ///   too many different characters.
    func loadText(length: Int = 100, distinct: ClosedRange<Int> = 2...1000) throws -> LoadedText {
        let text = try arguments[LessonOptions.text].map { try LoadedText(paths: [$0]) } ?? .builtIn
        let (name, count) = (text.paths.joined().quoted, text.vocabulary.count)
        guard text.tokens.count >= length else {
            throw CommandError(
                .badData, "\(name) is too short: it has \(text.tokens.count) characters, expected at least \(length)")
        }
        guard distinct.contains(count) else {
            throw CommandError(
                .badData,
                "\(name) has \(count) different character\(count == 1 ? "" : "s"), expected \(distinct.lowerBound) to "
                    + "\(distinct.upperBound)")
        }
        return text
    }
}
