import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Attention in a terminal")
struct SmallMapTests {
    private static let weights: [[Float]] = [[1, 0, 0], [0.25, 0.75, 0], [0, 0, 1]]

    private static func lines(_ environment: [String: String], step: Int = 1) -> [String] {
        let style = TerminalStyle(environment: environment, isTerminal: true)
        return SmallMap(weights, step: step).lines(HeatScale(style), gap: 1)
    }

    @Test("Without colors, and with NO_COLOR, two rows share a line of signs, the larger weight wins")
    func signs() {
        for environment in [
            ["TERM": "xterm", "LANG": "C.UTF-8"], ["TERM": "xterm-256color", "LANG": "C.UTF-8", "NO_COLOR": "1"],
        ] {
            #expect(Self.lines(environment) == ["@%  ", "..@ "])
            #expect(Self.lines(environment, step: 2) == ["@@ "])
        }
    }

    @Test("With colors they are the halves of a character, and the future stays empty")
    func halves() {
        let few = Self.lines(["TERM": "xterm-256color", "LANG": "C.UTF-8"])
        #expect(few[0] == "\u{1B}[38;5;220;48;5;30m▀\u{1B}[0m\u{1B}[38;5;149m▄\u{1B}[0m  ")
        #expect(few[1].hasPrefix("\u{1B}[38;5;53m▀\u{1B}[0m"))
        let color = Self.lines(["TERM": "xterm", "COLORTERM": "truecolor", "LANG": "C.UTF-8"])
        #expect(color[0].hasPrefix("\u{1B}[38;2;253;231;37;48;2;"))
        #expect(Self.lines(["TERM": "xterm", "COLORTERM": "truecolor", "LANG": "C"]) == ["@%  ", "..@ "])
    }
}
