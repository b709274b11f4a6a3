import Testing

@testable import Console

@Suite("A line that is typed")
struct TypedLineTests {
    private func typed(_ text: String, history: [String] = [], _ keys: TypedLine.Key...) -> TypedLine {
        var line = TypedLine(history: history)
        for character in text { line.press(.character(character)) }
        for key in keys { line.press(key) }
        return line
    }

    @Test("Characters go in and out at the cursor, which stays within the line")
    func editing() {
        #expect(typed("to be", .left, .left, .character("x")).text == "to xbe")
        #expect(typed("abc", .home, .left, .delete).text == "bc")
        #expect(typed("abc", .end, .right, .backspace, .delete).text == "ab")
        #expect(typed("", .backspace, .delete, .deleteWord, .deleteToStart, .deleteToEnd).text == "")
        #expect(typed("a\u{301}é", .backspace).text == "a\u{301}")
    }

    @Test("Words and parts of the line are deleted at once")
    func parts() {
        #expect(typed("to be or ", .deleteWord).text == "to be ")
        #expect(typed("to be or", .left, .deleteToStart).text == "r")
        #expect(typed("to be or", .home, .right, .deleteToEnd).text == "t")
    }

    @Test("Up and down show the lines before and return to what was typed")
    func history() {
        let lines = ["one", "two"]
        #expect(typed("th", history: lines, .up).text == "two")
        #expect(typed("th", history: lines, .up, .up, .up).text == "one")
        let back = typed("th", history: lines, .up, .up, .down, .down, .down)
        #expect(back.text == "th" && back.cursor == 2)
        #expect(typed("th", history: lines, .up, .backspace, .up, .down).text == "two")
    }
}
