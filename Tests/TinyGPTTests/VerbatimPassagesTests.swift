import Testing

@testable import TinyGPT

@Suite("Passages of the training text")
struct VerbatimPassagesTests {
    @Test("Each character's longest match is that of a search for every substring", arguments: [UInt64(1), 2, 3, 4])
    func definition(seed: UInt64) {
        let text = NGramModelsTests.text(60, vocabulary: 3, seed: seed)
        let training = NGramModelsTests.text(200, vocabulary: 4, seed: seed + 50) + text[10..<40]
        let expected = text.indices.map { end in
            let start = (0...end).first { start in
                let part = text[start...end]
                return (0...(training.count - part.count)).contains { training[$0..<$0 + part.count] == part }
            }
            return start.map { end - $0 + 1 } ?? 0
        }
        let passages = VerbatimPassages(of: text, in: TokenArray(training))
        #expect(passages.lengths == expected)
        #expect(passages.longest >= 30)
    }

    @Test("Marks and share count passages of 20 characters, and nothing is marked in a text that is new")
    func marks() {
        let training = (0..<100).map { Int32($0) }
        let passages = VerbatimPassages(
            of: [200] + training[5..<30] + [201] + training[40..<59], in: TokenArray(training))
        #expect(passages.longest == 25)
        #expect(passages.marks == [false] + [Bool](repeating: true, count: 25) + [Bool](repeating: false, count: 20))
        // Of the 27 passages of 20 characters, the 6 that lie in the 25.
        #expect(passages.share == 6.0 / 27)
        #expect(VerbatimPassages(of: [200, 1], in: TokenArray(training)).marks == [false, false])
        #expect(VerbatimPassages(of: [], in: TokenArray(training)).longest == 0)
    }
}
