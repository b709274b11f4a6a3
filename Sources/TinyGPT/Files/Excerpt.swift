extension StringProtocol {
    /// The beginning of a text from a file, as it can stand in a message: at most 80 characters, and none that a terminal obeys.
    var excerpt: String {
        let shown = 80
        let beginning = unicodeScalars.prefix(shown).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: String(scalar)
            }
        }
        return beginning.joined() + (unicodeScalars.dropFirst(shown).isEmpty ? "" : "…")
    }
}
