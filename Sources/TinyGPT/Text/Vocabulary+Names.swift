/// How characters are shown to a person, and what is said about those that a model does not know.
extension Vocabulary {
    /// One character as something to see: ␣, ⏎ and ⇥ for space, newline and tab, the code point (`U+200D`) for what has no
    /// picture of its own, such as controls and combining marks, and otherwise the character itself.
    public static func visibleName(of character: Unicode.Scalar) -> String {
        switch character {
        case " ": return "␣"
        case "\n": return "⏎"
        case "\t": return "⇥"
        default: return hasPicture(character) ? String(character) : codePoint(character)
        }
    }

    /// A character in a sentence: `'?' (U+003F)`, or `U+000A (newline)` for what cannot be seen.
    static func description(of character: Unicode.Scalar) -> String {
        if hasPicture(character) { return "'\(character)' (\(codePoint(character)))" }
        let name: String?
        switch character {
        case " ": name = "space"
        case "\n": name = "newline"
        case "\t": name = "tab"
        case "\r": name = "carriage return"
        default: name = (character.properties.name ?? character.properties.nameAlias)?.lowercased()
        }
        return codePoint(character) + (name.map { " (\($0))" } ?? "")
    }

    func unknownCharacters(in text: some Collection<Unicode.Scalar>) -> TinyGPTError {
        var found: Set<Unicode.Scalar> = []
        var places: [String] = []
        for (position, scalar) in text.enumerated() where index(of: scalar) == nil && found.insert(scalar).inserted {
            places.append("\(Self.description(of: scalar)) at position \(position)")
        }
        let mentioned = 5
        let rest = places.count > mentioned ? " and \(places.count - mentioned) more" : ""
        let noun = places.count == 1 ? "a character" : "characters"
        return TinyGPTError(
            .badData,
            """
            \(noun) the model does not know: \(places.prefix(mentioned).joined(separator: ", "))\(rest) (counting from 0).
            It knows \(count == 1 ? "one" : "these \(count)"): \(listing)
            """)
    }

    /// The characters in a row; those without a picture stand apart by their code points.
    private var listing: String {
        let mentioned = 200
        let names = characters.prefix(mentioned).map { character in
            let name = Self.visibleName(of: character)
            return name.unicodeScalars.count == 1 ? name : " \(name) "
        }
        return names.joined() + (count > mentioned ? " … and \(count - mentioned) more" : "")
    }

    private static func hasPicture(_ character: Unicode.Scalar) -> Bool {
        switch character.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator, .nonspacingMark, .spacingMark, .enclosingMark:
            return false
        default:
            return true
        }
    }

    private static func codePoint(_ character: Unicode.Scalar) -> String {
        let digits = String(character.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
