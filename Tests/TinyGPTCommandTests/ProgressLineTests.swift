import Testing

@testable import Console
@testable import TinyGPTCommand

@Suite("Progress line")
struct ProgressLineTests {
    private final class Written {
        var text = ""
    }

    private static let terminal = TerminalStyle(
        environment: ["TERM": "xterm", "COLUMNS": "12"], isTerminal: true)
    private static let pipe = TerminalStyle(environment: [:], isTerminal: false)

    @Test("On a terminal one line is redrawn, cut to the width, and its last state stays")
    func redrawing() {
        let written = Written()
        var line = ProgressLine(style: Self.terminal) { written.text += $0 }
        let start = ContinuousClock.now
        line.update("step 1 of 1000", at: start)
        line.update("step 2", at: start + .milliseconds(50))
        line.update("step 3", at: start + .milliseconds(100))
        line.update("step 4", at: start + .milliseconds(199))
        line.log("a line for logs")
        line.finish()
        line.finish()
        #expect(written.text == "\rstep 1 of 1\u{1B}[K\rstep 3\u{1B}[K\rstep 4\u{1B}[K\n")
    }

    @Test("A state that is already there is not drawn again at the end")
    func finishing() {
        let written = Written()
        var line = ProgressLine(style: Self.terminal) { written.text += $0 }
        line.update("step 1")
        line.finish()
        #expect(written.text == "\rstep 1\u{1B}[K\n")
    }

    @Test("A notice stays above the line")
    func notices() {
        let written = Written()
        var line = ProgressLine(style: Self.terminal) { written.text += $0 }
        line.notice("before")
        line.update("step 1")
        line.notice("saved")
        line.finish()
        #expect(written.text == "before\n\rstep 1\u{1B}[K\r\u{1B}[Ksaved\n\rstep 1\u{1B}[K\n")
    }

    @Test("Elsewhere there are only plain lines, one for each call of log or notice")
    func plainLines() {
        let written = Written()
        var line = ProgressLine(style: Self.pipe) { written.text += $0 }
        line.update("step 1")
        line.log("step 10, which is longer than any terminal")
        line.notice("saved")
        line.finish()
        #expect(written.text == "step 10, which is longer than any terminal\nsaved\n")
    }

    @Test("Quiet is quiet", arguments: [terminal, pipe])
    func quiet(style: TerminalStyle) {
        let written = Written()
        var line = ProgressLine(style: style, isQuiet: true) { written.text += $0 }
        line.update("step 1")
        line.log("step 10")
        line.notice("saved")
        line.finish()
        #expect(written.text == "")
    }
}
