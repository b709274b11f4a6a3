import Testing

@testable import TinyGPT

@Suite("Corpus")
struct CorpusTests {
    private func corpus(_ count: Int, context: Int, fraction: Double = 0.1) throws -> Corpus {
        let text = TokenArray((0..<count).map { Int32($0 % 3) })
        return try Corpus(
            text, Vocabulary(text: "abc".unicodeScalars), context: context, validationFraction: fraction)
    }

    @Test("The last tenth validates, rounded as in nanoGPT, and nothing is lost in between")
    func split() throws {
        let corpus = try corpus(1_115_394, context: 64)
        #expect(corpus.train.count == 1_003_854)
        #expect(corpus.validation.count == 111_540)
        #expect(corpus.train[0..<4] == [0, 1, 2, 0])
        #expect(corpus.validation[0..<3] == [0, 1, 2])
        #expect(corpus.train[1_003_853..<1_003_854] == [2])
    }

    @Test("The smallest text that will do does, and one character less is refused")
    func smallest() throws {
        let corpus = try corpus(10, context: 7, fraction: 0.2)
        #expect(corpus.train.count == 8 && corpus.validation.count == 2)
        let error = userError { _ = try self.corpus(10, context: 8, fraction: 0.2) }
        #expect(error?.kind == .badData)
        #expect(
            error?.description == """
                the text is too short; it has 10 characters: 8 for training and 2 for validation (fraction 0.2), but a \
                context of 8 needs at least 9 for training
                """)
    }

    @Test("A validation part of one character is refused")
    func shortValidation() {
        let error = userError { _ = try corpus(10, context: 4) }
        #expect(error?.kind == .badData)
        #expect(
            error?.description == """
                the text is too short; it has 10 characters: 9 for training and 1 for validation (fraction 0.1), but \
                validation needs at least 2
                """)
    }

    @Test("A text of one character over and over is refused")
    func oneCharacter() {
        let text = TokenArray([Int32](repeating: 0, count: 500))
        let error = userError { _ = try Corpus(text, Vocabulary(text: "ab\n".unicodeScalars), context: 8) }
        #expect(error?.kind == .badData)
        #expect(
            error?.description.contains("the text consists of one character, U+000A (newline), repeated 500 times")
                == true)
    }

    @Test("A fraction that leaves no part is wrong usage", arguments: [1, -0.1, 2, .nan, .infinity])
    func wrongFraction(fraction: Double) {
        let error = userError { _ = try corpus(1000, context: 8, fraction: fraction) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("of at least 0 and below 1") == true)
    }
}
