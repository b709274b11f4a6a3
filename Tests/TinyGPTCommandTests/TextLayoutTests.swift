import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Text layout")
struct TextLayoutTests {
    @Test("Lines break between words and never pass the width unless a word does")
    func wrapping() {
        #expect(TextLayout.wrap("aa bb cc", width: 5) == ["aa bb", "cc"])
        #expect(TextLayout.wrap("aa bb cc", width: 4) == ["aa", "bb", "cc"])
        #expect(TextLayout.wrap("a abcdefgh b", width: 4) == ["a", "abcdefgh", "b"])
        #expect(TextLayout.wrap("", width: 4).isEmpty)
        #expect(TextLayout.wrap("aa " + TextLayout.unbreakable("bb cc"), width: 5) == ["aa", "bb cc"])
    }

    @Test("A term too long for its column has a line of its own")
    func columns() {
        let text = TextLayout.columns([(left: "ab", right: "one"), (left: "abcdef", right: "two")], at: 8)
        #expect(text == "  ab    one\n  abcdef\n        two\n")
    }
}
