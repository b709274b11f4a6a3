import Testing
import TinyGPT

@testable import Console
@testable import Lessons

@Suite("What a neuron follows")
struct TextFeatureTests {
    @Test("Correlation is 1 for a rising line, -1 for a falling one, 0 for a constant, and numpy's in between")
    func pearson() {
        let a: [Float] = [1, 2, 3, 4, 6]
        #expect(abs(correlation(a, a.map { 2 * $0 + 5 }) - 1) < 1e-12)
        #expect(abs(correlation(a, a.map { -$0 }) + 1) < 1e-12)
        #expect(correlation(a, [3, 3, 3, 3, 3]) == 0)
        #expect(correlation([Float](), [Float]()) == 0)
        // numpy.corrcoef([1, 2, 3, 4, 6], [2, 1, 4, 3, 0])
        #expect(abs(correlation(a, [2, 1, 4, 3, 0]) - -0.32879797461071524) < 1e-9)
    }

    @Test("Features count from line breaks and spaces, and toggle at quotation marks")
    func features() throws {
        let text = "a \"b\"\ncd"
        let vocabulary = Vocabulary(text: text.unicodeScalars)
        let features = TextFeature.all(try vocabulary.encode(text.unicodeScalars), vocabulary)
        #expect(
            features.map(\.values) == [
                [1, 2, 3, 4, 5, 0, 1, 2], [1, 0, 1, 2, 3, 4, 5, 6], [0, 0, 1, 1, 0, 0, 0, 0],
            ])
    }

    @Test("The best number is found on the first half and measured on the second")
    func best() {
        let feature = TextFeature(name: "", values: [1, 2, 3, 4, 5, 6])
        let best = feature.best(of: [[0, 0, 1, 1, 2, 3], [3, 2, 1, 1, 2, 3], [1, 5, 2, 4, 5, 6]])
        #expect(best.index == 1)
        #expect(abs(best.firstHalf + 1) < 1e-12 && abs(best.secondHalf - 1) < 1e-12)
    }

    @Test("Text is tinted where there are colors, and unchanged but for them")
    func tint() {
        func scale(_ terminal: String) -> HeatScale {
            HeatScale(TerminalStyle(environment: ["TERM": terminal], isTerminal: true, choice: .always))
        }
        #expect(scale("xterm").tinted(["a"], [0.5]) == nil)
        let tinted = scale("xterm-256color").tinted(["a", "b"], [0, 1])
        #expect(tinted == "\u{1B}[48;5;53;38;5;188ma\u{1B}[0m\u{1B}[48;5;220;38;5;53mb\u{1B}[0m")
    }

    @Test("Of the stories each thing has one place that training never shows with it")
    func stories() {
        #expect(Stories.seen.count == 72 && Stories.unseen.count == 24)
        #expect((Stories.seen + Stories.unseen).allSatisfy { $0.count == Stories.length + 1 && $0[Stories.it] == "it" })
        #expect(Stories.unseen.contains { $0.contains("pizza") && $0.contains("oven") })
        #expect(!Stories.seen.contains { $0.contains("pizza") && $0.contains("oven") })
    }
}
