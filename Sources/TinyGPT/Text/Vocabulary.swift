/// The characters that a model knows, in ascending order; a token is the index of one.
///
/// A character is a Unicode scalar (a code point), as in Python's `str`.
public struct Vocabulary: Equatable, Sendable {
    /// The characters in ascending order, each once.
    public let characters: [Unicode.Scalar]

    /// A table of tokens by scalar, up to the last one known; -1 for unknown ones.
    private let tokenOfScalar: [Int32]

    /// V, the number of characters.
    public var count: Int { characters.count }

    /// The characters as texts of one each.
    var strings: [String] { characters.map { String(Character($0)) } }

    /// The vocabulary of a text: the sorted set of the characters that occur in it.
    ///
    /// - Parameter text: The text; without a character, the vocabulary is empty and no model can be made for it.
    public init(text: some Sequence<Unicode.Scalar>) {
        self.init(sorted: Set(text).sorted())
    }

    /// The vocabulary of these characters, as a checkpoint stores them.
    ///
    /// - Parameters:
    ///   - characters: In ascending order, each once.
    ///   - file: Where they are from, for the error.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when there are none or they are not in ascending order, each once.
    public init(characters: [Unicode.Scalar], from file: String) throws {
        if characters.isEmpty {
            throw TinyGPTError.badFile(file, problem: "has an empty vocabulary; expected at least one character")
        }
        for (index, (first, second)) in zip(characters, characters.dropFirst()).enumerated() where first >= second {
            throw TinyGPTError.badFile(
                file,
                problem: """
                    has a vocabulary that is not in ascending order: \(Self.description(of: second)) at index \
                    \(index + 1) comes after \(Self.description(of: first))
                    """)
        }
        self.init(sorted: characters)
    }

    private init(sorted characters: [Unicode.Scalar]) {
        var tokens = [Int32](repeating: -1, count: characters.last.map { Int($0.value) + 1 } ?? 0)
        for (token, scalar) in characters.enumerated() { tokens[Int(scalar.value)] = Int32(token) }
        self.characters = characters
        self.tokenOfScalar = tokens
    }

    /// The tokens of space and newline, as far as they are known.
    public var spaces: Set<Int32> { Set([" ", "\n"].compactMap { index(of: $0) }) }

    /// The token from which a text without a prompt is sampled: the line break, after which a text can begin, or the first
    /// character in a vocabulary without one.
    package var startToken: Int32 { index(of: "\n") ?? 0 }

    /// Whether two vocabularies have the same characters.
    public static func == (first: Vocabulary, second: Vocabulary) -> Bool {
        first.characters == second.characters
    }

    /// The token of a character; nil when it is unknown.
    public func index(of character: Unicode.Scalar) -> Int32? {
        let value = Int(character.value)
        guard value < tokenOfScalar.count, tokenOfScalar[value] >= 0 else { return nil }
        return tokenOfScalar[value]
    }

    /// The tokens of a text.
    ///
    /// - Throws: ``TinyGPTError/unknownCharacters(places:vocabulary:count:)``.
    public func encode(_ text: some Collection<Unicode.Scalar>) throws -> [Int32] {
        var tokens: [Int32] = []
        tokens.reserveCapacity(text.count)
        for scalar in text {
            guard let token = index(of: scalar) else {
                var found: Set<Unicode.Scalar> = []
                throw unknownCharacters(
                    in: text.enumerated().filter { index(of: $1) == nil && found.insert($1).inserted }
                        .map { (position: $0, character: $1) })
            }
            tokens.append(token)
        }
        return tokens
    }

    /// The text of tokens.
    ///
    /// - Precondition: Every token is at least 0 and less than `count`.
    public func decode(_ tokens: some Sequence<Int32>) -> String {
        var text = String.UnicodeScalarView()
        for token in tokens {
            precondition(token >= 0 && token < count, "token \(token) is not in a vocabulary of \(count) characters")
            text.append(characters[Int(token)])
        }
        return String(text)
    }
}

/// Characters in messages and pictures.
extension Vocabulary {
    /// A visible name: ␣, ⏎ and ⇥ for space, newline and tab, the code point (`U+200D`) for what has no
    /// glyph of its own, such as controls and combining marks, and otherwise the character itself.
    public static func visibleName(of character: Unicode.Scalar) -> String {
        switch character {
        case " ": return "␣"
        case "\n": return "⏎"
        case "\t": return "⇥"
        default: return hasGlyph(character) ? String(character) : codePoint(character)
        }
    }

    /// A character in a sentence: `'?' (U+003F)`, or `U+000A (newline)` for what cannot be seen.
    static func description(of character: Unicode.Scalar) -> String {
        if hasGlyph(character) { return "'\(character)' (\(codePoint(character)))" }
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

    /// The error about characters that have no token here.
    func unknownCharacters(in places: [(position: Int, character: Unicode.Scalar)]) -> TinyGPTError {
        .unknownCharacters(
            places: places.map { "\(Self.description(of: $0.character)) at position \($0.position)" },
            vocabulary: listing, count: count)
    }

    /// All characters in a row; those without a glyph by their code points, set apart.
    private var listing: String {
        let shown = 200
        let names = characters.prefix(shown).map { character in
            let name = Self.visibleName(of: character)
            return name.unicodeScalars.count == 1 ? name : " \(name) "
        }
        return names.joined() + (count > shown ? " … and \(count - shown) more" : "")
    }

    /// Whether it is seen when it stands alone: no control character, space, combining mark or code point without a character.
    private static func hasGlyph(_ character: Unicode.Scalar) -> Bool {
        switch character.properties.generalCategory {
        case .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .nonspacingMark, .spacingMark,
            .enclosingMark:
            false
        default: !character.isControl
        }
    }

    private static func codePoint(_ character: Unicode.Scalar) -> String {
        let digits = String(character.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
