import Foundation
import Testing

@testable import TinyGPT

@Suite("JSON of unknown origin")
struct JSONScannerTests {
    private func scalar(_ text: String) throws -> JSONScanner.Scalar {
        var scanner = try JSONScanner(Array(text.utf8))
        let value = try scanner.scalar()
        try scanner.end()
        return value
    }

    @Test("Values are read as Foundation reads them")
    func agreesWithFoundation() throws {
        let texts = [
            "0", "-0", "17", "-3", "9223372036854775807", "1.5", "-2e3", "1E-7", "0.1",
            "123456789012345678901234567890",
            "true", "false", "null", #""""#, #""a\"\\\/\b\f\n\r\t""#, #""\u00e9\uD83D\uDE00\u0000""#, #""é😀""#, " 1 ",
        ]
        for text in texts {
            let expected = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            switch try scalar(text) {
            case .text(let value): #expect(value == expected as? String, "\(text)")
            case .integer(let value): #expect(value == expected as? Int, "\(text)")
            case .number(let value): #expect(value == expected as? Double, "\(text)")
            case .boolean(let value): #expect(value == expected as? Bool, "\(text)")
            case .null: #expect(expected is NSNull, "\(text)")
            case .object, .array: Issue.record("\(text) has parts")
            }
        }
        #expect(try scalar(#"{"a":[1,{"b":"x"},[]],"c":{}}"#) == .object)
        #expect(try scalar(" [ ] ") == .array)
    }

    static let malformed = [
        "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "'a'", "\"", "\"\\",
        "\"\\x\"",
        "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "\"\u{1F}\"", "01",
        "-", "+1", "1.",
        ".5", "1e", "1e+", "1e999", "NaN", "nan", "Infinity", "-Infinity", "0x10", "tru", "nul", "true1", "1 1", "[]]",
        "\u{FEFF}1",
    ]

    @Test("What is not JSON is refused", arguments: malformed)
    func refused(text: String) {
        #expect(throws: JSONScanner.Mistake.self) { _ = try scalar(text) }
    }

    @Test("The message says where, what was expected and what was found")
    func message() {
        let mistake = #expect(throws: JSONScanner.Mistake.self) { _ = try scalar(#"{"a":1;"#) }
        #expect(mistake?.description == "at byte 6: expected ',' or '}', got ';'")
        #expect(throws: JSONScanner.Mistake.duplicate("a")) { _ = try scalar(#"{"a":1,"b":2,"\u0061":3}"#) }
    }

    @Test("Deep nesting is refused and does not overflow the stack", arguments: ["[", #"{"a":"#])
    func depth(opening: String) {
        #expect(throws: JSONScanner.Mistake.self) { _ = try scalar(String(repeating: opening, count: 1_000_000)) }
        let whole = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { _ = try scalar(whole) }
    }

    @Test("An object of more names than asked for is refused at the first too many")
    func names() throws {
        var scanner = try JSONScanner(Array(#"{"a":1,"b":2,"c":3}"#.utf8), mostNames: 2)
        var read: [String] = []
        #expect(throws: JSONScanner.Mistake.self) {
            try scanner.object { scanner, name in
                read.append(name)
                try scanner.skip()
            }
        }
        #expect(read == ["a", "b"])
    }

    @Test("Names are compared by their bytes: K and the Kelvin sign are two")
    func equivalentNames() throws {
        #expect(try scalar("{\"K\":1,\"\u{212A}\":2,\"é\":3,\"e\u{301}\":4}") == .object)
        #expect(throws: JSONScanner.Mistake.duplicate("K")) { _ = try scalar(#"{"K":1,"\u004b":2}"#) }
    }

    @Test("What is wrong with a whole number is said")
    func integers() throws {
        for (text, got) in [("1.5", "1"), ("\"1\"", "\""), ("9223372036854775808", "9"), ("", "the end")] {
            var scanner = try JSONScanner(Array(text.utf8))
            let mistake = #expect(throws: JSONScanner.Mistake.self) { _ = try scanner.integer() }
            let shown = got.count == 1 ? "'\(got)'" : got
            #expect(mistake == .unexpected(shown, byte: 0, expected: "a whole number of 64 bits"))
        }
    }

    @Test("A text that is not UTF-8 is refused")
    func encoding() {
        #expect(throws: JSONScanner.Mistake.self) { _ = try JSONScanner([0x22, 0xFF, 0x22]) }
    }

    @Test("A text in a message is cut, and nothing in it is obeyed by a terminal")
    func excerpt() {
        #expect("plain é".excerpt == "plain é")
        #expect("a\u{1B}[31m\u{9B}\n\u{202E}".excerpt == #"a\u{1B}[31m\u{009B}\n\u{202E}"#)
        #expect("a\u{2028}\u{61C}b".excerpt == #"a\u{2028}\u{061C}b"#)
        #expect(String(repeating: "\u{301}", count: 81).excerpt.unicodeScalars.count == 81)
        #expect(String(repeating: "x", count: 81).excerpt == String(repeating: "x", count: 80) + "…")
    }
}
