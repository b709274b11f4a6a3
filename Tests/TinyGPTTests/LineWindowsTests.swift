import Foundation
import Testing

@testable import TinyGPT

@Suite("Lines that are texts of their own")
struct LineWindowsTests {
    static let text = "ab\nc\n\ndef\nab\nghij\nk"
    static let vocabulary = Vocabulary(text: text.unicodeScalars)

    static func corpus(_ text: String = text, context: Int = 5, fraction: Double = 0.4, seed: UInt64 = 1) throws
        -> Corpus
    {
        try Corpus(
            TokenArray(vocabulary.encode(text.unicodeScalars)), vocabulary, context: context,
            validationFraction: fraction, linesSeed: seed)
    }

    private static func lines(_ tokens: TokenArray) -> [String] {
        vocabulary.decode(tokens.array).split(separator: "\n").map(String.init)
    }

    @Test("A corpus holds every line once, in an order of its seed, each between two line breaks")
    func arrangement() throws {
        let corpus = try Self.corpus()
        #expect(
            (Self.lines(corpus.train) + Self.lines(corpus.validation)).sorted() == [
                "ab", "ab", "c", "def", "ghij", "k",
            ])
        #expect(Self.lines(corpus.train).count == 3)
        for part in [corpus.train, corpus.validation, corpus.all] {
            #expect(part.array.first == corpus.lineBreak && part.array.last == corpus.lineBreak)
        }
        let others = try (2..<6).map { Self.lines(try Self.corpus(seed: $0).all) }
        #expect(Set(others + [Self.lines(corpus.all)]).count > 1)
        #expect(try Self.corpus(fraction: 0).validation.count == 0)
    }

    @Test("A part of the validation text ends with a line")
    func part() throws {
        let corpus = try Self.corpus()
        let whole = corpus.validation.array
        for count in 1...whole.count + 1 {
            let part = corpus.validationPart(of: count).array
            #expect(part.last == corpus.lineBreak && part.elementsEqual(whole.prefix(part.count)))
            #expect(part.count > min(count, whole.count - 1) && !part.dropFirst(count).dropLast().contains(part.last!))
        }
    }

    @Test("Of a sample of lines, the whole ones that stand in the training text are marked")
    func marks() throws {
        let corpus = try Self.corpus(fraction: 0)
        let sample = "ab\nb\nghi\n\nghij\nde"
        let page = RunPage.Sample(
            step: 1, sample, linesOf: try Self.vocabulary.encode(sample.unicodeScalars), in: corpus.train,
            lineBreak: Self.vocabulary.startToken)
        #expect(page.marks == [0, 2, 10, 14] && page.lines == 4)
    }

    @Test("A batch predicts whole lines and nothing behind their ends")
    func batches() throws {
        let corpus = try Self.corpus(fraction: 0)
        let lineBreak = try #require(corpus.lineBreak)
        for order in [BatchSampler.Order.shuffled, .random] {
            let sampler = BatchSampler(
                tokens: corpus.train, batch: 3, context: 5, seed: 4, order: order, lineBreak: lineBreak)
            var seen: [String] = []
            for number in 0..<2 {
                let (inputs, targets) = sampler.batch(at: number)
                let length = inputs.count / 3
                for row in 0..<3 {
                    let (input, target) = (
                        inputs[row * length..<(row + 1) * length], targets[row * length..<(row + 1) * length]
                    )
                    let counted = target.filter { $0 >= 0 }
                    #expect(counted.last == lineBreak && counted.dropLast().allSatisfy { $0 != lineBreak })
                    #expect(Array(input.prefix(counted.count)) == [lineBreak] + counted.dropLast())
                    seen.append(Self.vocabulary.decode(counted.dropLast()))
                }
            }
            if order == .shuffled { #expect(seen.sorted() == ["ab", "ab", "c", "def", "ghij", "k"]) }
        }
    }

    @Test("The loss of a text of lines is that of each line alone")
    func evaluation() throws {
        let corpus = try Self.corpus(fraction: 0)
        let model = try GPT(
            GPT.Configuration(vocabulary: Self.vocabulary.count, layers: 1, heads: 1, width: 8, context: 5), seed: 2)
        let whole = try Evaluation(of: model, on: corpus.all, lineBreak: corpus.lineBreak)
        var (sum, count) = (0.0, 0)
        for line in Self.lines(corpus.all) {
            let alone = try Evaluation(of: model, on: TokenArray(Self.vocabulary.encode("\n\(line)\n".unicodeScalars)))
            sum += alone.loss * Double(alone.characters)
            count += alone.characters
        }
        #expect(whole.characters == count)
        #expect(abs(whole.loss - sum / Double(count)) < 1e-6)
    }

    @Test("A line that is longer than the context, and too few lines, are refused")
    func refusals() throws {
        #expect(userError { _ = try Self.corpus(context: 4) } == .lineTooLong("ghij", context: 4))
        #expect(userError { _ = try Self.corpus("ab\n", fraction: 0.4) } == .tooFewLines(1, fraction: 0.4))
        #expect(userError { _ = try Self.corpus("a", fraction: 0) } != nil)
    }
}
