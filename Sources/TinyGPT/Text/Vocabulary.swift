/// The characters that a model knows, in ascending order; a token is the index of one.
///
/// A character is a Unicode scalar (a code point), as in Python's `str`.
public struct Vocabulary: Equatable, Sendable {
    /// The characters in ascending order, each once.
    public let characters: [Unicode.Scalar]

    /// The token of every scalar up to the last one known, -1 for those unknown: one load instead of a search.
    private let tokenOfScalar: [Int32]

    /// How many characters there are.
    public var count: Int { characters.count }

    /// The vocabulary of a text: the characters that occur in it.
    public init(text: some Sequence<Unicode.Scalar>) {
        var occurs = [Bool](repeating: false, count: 0x11_0000)
        for scalar in text { occurs[Int(scalar.value)] = true }
        self.init(sorted: occurs.indices.compactMap { occurs[$0] ? Unicode.Scalar(UInt32($0)) : nil })
    }

    /// The vocabulary of these characters, as a checkpoint keeps them.
    ///
    /// - Throws: `.badData` when there are none or they are not in ascending order, each once.
    public init(characters: [Unicode.Scalar]) throws {
        if characters.isEmpty {
            throw TinyGPTError(.badData, "the vocabulary is empty; expected at least one character")
        }
        for (index, (first, second)) in zip(characters, characters.dropFirst()).enumerated() where first >= second {
            throw TinyGPTError(
                .badData,
                """
                the vocabulary is not in ascending order: \(Self.description(of: second)) at index \(index + 1) \
                comes after \(Self.description(of: first))
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

    /// Whether two vocabularies have the same characters.
    public static func == (first: Vocabulary, second: Vocabulary) -> Bool {
        first.characters == second.characters
    }

    /// The token of a character, or `nil` when it is unknown.
    public func index(of character: Unicode.Scalar) -> Int32? {
        let value = Int(character.value)
        guard value < tokenOfScalar.count, tokenOfScalar[value] >= 0 else { return nil }
        return tokenOfScalar[value]
    }

    /// The tokens of a text.
    ///
    /// - Throws: `.badData` when a character is unknown: which ones, where, and which are known.
    public func encode(_ text: some Collection<Unicode.Scalar>) throws -> [Int32] {
        var tokens: [Int32] = []
        tokens.reserveCapacity(text.count)
        for scalar in text {
            guard let token = index(of: scalar) else { throw unknownCharacters(in: text) }
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
