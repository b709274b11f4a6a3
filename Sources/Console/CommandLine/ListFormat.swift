/// Words in a row, for a sentence.
package enum ListFormat {
    /// "a, b or c".
    package static func or(_ words: [String]) -> String { joined(words, "or") }

    /// "a, b and c".
    package static func and(_ words: [String]) -> String { joined(words, "and") }

    private static func joined(_ words: [String], _ conjunction: String) -> String {
        words.dropLast().joined(separator: ", ") + (words.count > 1 ? " \(conjunction) " : "") + (words.last ?? "")
    }
}
