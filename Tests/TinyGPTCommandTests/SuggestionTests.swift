import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Suggestions")
struct SuggestionTests {
    @Test(
        "Slips are counted",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ac", 1),
            ("abc", "abxc", 1), ("abc", "axc", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
        ])
    func distances(first: String, second: String, expected: Int) {
        #expect(Suggestion.distance(first, second) == expected)
    }

    @Test("The nearest candidate within one slip in three letters is suggested")
    func nearest() {
        let names = ["--steps", "--stop", "--threads", "--heads"]
        #expect(Suggestion.nearest(to: "--setps", among: names) == "--steps")
        #expect(Suggestion.nearest(to: "--Steps", among: names) == "--steps")
        #expect(Suggestion.nearest(to: "--head", among: names) == "--heads")
        #expect(Suggestion.nearest(to: "--temperature", among: names) == nil)
        #expect(Suggestion.nearest(to: "--xy", among: ["--ab"]) == nil)
        #expect(Suggestion.nearest(to: "x", among: ["y"]) == nil)
        #expect(Suggestion.nearest(to: "", among: names) == nil)
    }
}
