import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Terminal style")
struct TerminalStyleTests {
    private static let capable = ["TERM": "xterm"]

    struct Decision: Sendable {
        let environment: [String: String]
        let isTerminal: Bool
        let choice: TerminalStyle.ColorChoice
        let depth: TerminalStyle.ColorDepth

        init(
            _ environment: [String: String], terminal isTerminal: Bool = true,
            choice: TerminalStyle.ColorChoice = .auto, gives depth: TerminalStyle.ColorDepth
        ) {
            self.environment = environment
            self.isTerminal = isTerminal
            self.choice = choice
            self.depth = depth
        }
    }

    @Test(
        "Color is decided by the flag, then NO_COLOR, then FORCE_COLOR, then the terminal",
        arguments: [
            Decision(capable, gives: .sixteen),
            Decision(capable, terminal: false, gives: .none),
            Decision([:], gives: .none),
            Decision(["TERM": ""], gives: .none),
            Decision(["TERM": "dumb"], gives: .none),
            Decision(["TERM": "unknown"], gives: .none),
            Decision(["TERM": "xterm-256color"], gives: .twoHundredFiftySix),
            Decision(["TERM": "xterm", "COLORTERM": "truecolor"], gives: .trueColor),
            Decision(["TERM": "xterm-256color", "COLORTERM": "24bit"], gives: .trueColor),
            Decision(["TERM": "xterm", "COLORTERM": "yes"], gives: .sixteen),
            Decision(["TERM": "xterm", "NO_COLOR": "1"], gives: .none),
            Decision(["TERM": "xterm", "NO_COLOR": ""], gives: .sixteen),
            Decision(["FORCE_COLOR": "1"], terminal: false, gives: .sixteen),
            Decision(["CLICOLOR_FORCE": "1", "TERM": "dumb"], gives: .sixteen),
            Decision(["FORCE_COLOR": ""], terminal: false, gives: .none),
            Decision(["FORCE_COLOR": "1", "NO_COLOR": "1"], gives: .none),
            Decision(["NO_COLOR": "1"], terminal: false, choice: .always, gives: .sixteen),
            Decision(["FORCE_COLOR": "1", "TERM": "xterm"], choice: .never, gives: .none),
        ])
    func colorDepth(decision: Decision) {
        let style = TerminalStyle(
            environment: decision.environment, isTerminal: decision.isTerminal, choice: decision.choice)
        #expect(style.depth == decision.depth)
    }

    @Test("NO_COLOR takes color and leaves bold, --no-color takes both")
    func emphasis() {
        let environment = ["TERM": "xterm", "NO_COLOR": "1"]
        let style = TerminalStyle(environment: environment, isTerminal: true)
        #expect(style.bold("a") == "\u{1B}[1ma\u{1B}[0m")
        #expect(style.dim("a") == "\u{1B}[2ma\u{1B}[0m")
        #expect(style.green("a") == "a")
        #expect(TerminalStyle(environment: environment, isTerminal: true, choice: .never).bold("a") == "a")
        #expect(TerminalStyle(environment: Self.capable, isTerminal: true).green("a") == "\u{1B}[32ma\u{1B}[0m")
    }

    @Test("The width is that of COLUMNS, else measured, else 80")
    func width() {
        func width(_ columns: String?, _ measured: Int?) -> Int {
            let environment = columns.map { ["COLUMNS": $0] } ?? [:]
            return TerminalStyle(environment: environment, isTerminal: true, measuredWidth: measured).width
        }
        #expect(width("100", 60) == 100)
        #expect(width(nil, 60) == 60)
        #expect(width("0", 60) == 60)
        #expect(width("wide", 60) == 60)
        #expect(width("", nil) == 80)
    }

    @Test("The first locale variable that is not empty tells the encoding")
    func encoding() {
        func isUTF8(_ environment: [String: String]) -> Bool {
            TerminalStyle(environment: environment, isTerminal: true).isUTF8
        }
        #expect(isUTF8(["LANG": "en_US.UTF-8"]))
        #expect(isUTF8(["LC_ALL": "", "LC_CTYPE": "C.utf8", "LANG": "C"]))
        #expect(!isUTF8(["LC_ALL": "C", "LANG": "en_US.UTF-8"]))
        #expect(!isUTF8([:]))
    }

    @Test("Only a terminal that is not dumb can redraw, colored or not")
    func redrawing() {
        #expect(TerminalStyle(environment: Self.capable, isTerminal: true, choice: .never).canRedraw)
        #expect(!TerminalStyle(environment: ["TERM": "dumb"], isTerminal: true, choice: .always).canRedraw)
        #expect(!TerminalStyle(environment: Self.capable, isTerminal: false, choice: .always).canRedraw)
    }

    @Test("Cutting counts what is seen and keeps every escape")
    func cutting() {
        #expect(TerminalStyle.cut("abcdef", to: 3) == "abc")
        #expect(TerminalStyle.cut("ab", to: 3) == "ab")
        #expect(TerminalStyle.cut("a\u{1B}[31mbcd\u{1B}[0mef", to: 2) == "a\u{1B}[31mb\u{1B}[0m")
        #expect(TerminalStyle.cut("abc", to: 0) == "")
    }

    @Test(
        "A text takes the columns that a terminal gives it",
        arguments: [("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("😀", 2), ("👩‍🚀", 2), ("", 0), ("x\u{FEFF}", 1)])
    func columns(text: String, expected: Int) {
        #expect(VisibleText.columns(of: text) == expected)
    }
}
