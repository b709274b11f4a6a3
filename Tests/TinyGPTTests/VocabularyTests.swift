import Testing

@testable import TinyGPT

@Suite("Vocabulary")
struct VocabularyTests {
    @Test("The vocabulary of a text is its characters in ascending order, each once")
    func ofText() {
        let vocabulary = Vocabulary(text: "hello, wörld\n😀".unicodeScalars)
        #expect(vocabulary.characters == ["\n", " ", ",", "d", "e", "h", "l", "o", "r", "w", "ö", "😀"])
        #expect(vocabulary.count == 12)
    }

    @Test("Encoding and decoding give the text back, CRLF and combining marks too")
    func roundTrip() throws {
        let text = "e\u{301}a\r\nb😀\u{0}"
        let vocabulary = Vocabulary(text: text.unicodeScalars)
        let tokens = try vocabulary.encode(text.unicodeScalars)
        #expect(tokens == [5, 6, 3, 2, 1, 4, 7, 0])
        #expect(tokens.count == text.unicodeScalars.count)
        #expect(Array(vocabulary.decode(tokens).unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test("A token is the place of its character")
    func tokens() throws {
        let vocabulary = Vocabulary(text: "cab".unicodeScalars)
        #expect(try vocabulary.encode("abc".unicodeScalars) == [0, 1, 2])
        #expect(vocabulary.decode([2, 0, 1]) == "cab")
        #expect(vocabulary.index(of: "c") == 2)
        #expect(vocabulary.index(of: "d") == nil)
        #expect(vocabulary.index(of: "A") == nil)
        #expect(vocabulary.index(of: "😀") == nil)
    }

    @Test("Characters from a checkpoint make the same vocabulary, out of order or twice they are refused")
    func ofCharacters() throws {
        #expect(try Vocabulary(characters: ["a", "b"], from: "a.json") == Vocabulary(text: "ba".unicodeScalars))
        #expect(
            try Vocabulary(characters: ["a", "b"], from: "a.json")
                != Vocabulary(characters: ["a", "c"], from: "a.json"))
        let reversed = userError { _ = try Vocabulary(characters: ["\n", "b", "a"], from: "a.json") }
        #expect(reversed?.kind == .badData)
        #expect(
            reversed?.description
                == "'a.json' has a vocabulary that is not in ascending order: 'a' (U+0061) at index 2 comes after 'b' (U+0062)"
        )
        #expect(userError { _ = try Vocabulary(characters: ["a", "a"], from: "a.json") }?.kind == .badData)
        #expect(userError { _ = try Vocabulary(characters: [], from: "a.json") }?.kind == .badData)
    }

    @Test("An unknown character is named with its place, and the known ones are listed")
    func oneUnknown() {
        let vocabulary = Vocabulary(text: "ab \n\t\u{301}".unicodeScalars)
        let error = userError { _ = try vocabulary.encode("ab?a?".unicodeScalars) }
        #expect(error?.kind == .badData)
        #expect(
            error?.description == """
                the text contains a character the model does not know: '?' (U+003F) at position 2 (counting from 0).
                The model knows these 6: ⇥⏎␣ab U+0301 
                """)
    }

    @Test("Several unknown characters are named each once, the first five of them")
    func manyUnknown() {
        let vocabulary = Vocabulary(text: "a".unicodeScalars)
        let error = userError { _ = try vocabulary.encode("a\n \t\u{200D}\n\r12".unicodeScalars) }
        #expect(
            error?.description == """
                the text contains characters the model does not know: U+000A (newline) at position 1, U+0020 (space) at \
                position 2, U+0009 (tab) at position 3, U+200D (zero width joiner) at position 4, U+000D (carriage \
                return) at position 6 and 2 more (counting from 0).
                The model knows one: a
                """)
    }

    @Test("Of a large vocabulary only the beginning is listed")
    func largeVocabulary() throws {
        let characters = (0x4E00..<0x4E00 + 1000).map { Unicode.Scalar(UInt32($0))! }
        let error = userError { _ = try Vocabulary(characters: characters, from: "a.json").encode(["a"]) }
        #expect(error?.description.hasSuffix("… and 800 more") == true)
        #expect((error?.description.count ?? .max) < 400)
    }

    static let visibleNames: [(Unicode.Scalar, String)] = [
        (" ", "␣"), ("\n", "⏎"), ("\t", "⇥"), ("\r", "U+000D"), ("\u{0}", "U+0000"), ("\u{7F}", "U+007F"),
        ("\u{301}", "U+0301"), ("\u{200D}", "U+200D"), ("\u{FEFF}", "U+FEFF"), ("\u{A0}", "U+00A0"),
        ("\u{2028}", "U+2028"), ("\u{E000}", "U+E000"), ("\u{10FFFF}", "U+10FFFF"), ("a", "a"), ("é", "é"),
        ("你", "你"), ("😀", "😀"), ("'", "'"),
    ]

    @Test("Every character has a name that can be seen", arguments: visibleNames)
    func visibleName(character: Unicode.Scalar, name: String) {
        #expect(Vocabulary.visibleName(of: character) == name)
    }
}
