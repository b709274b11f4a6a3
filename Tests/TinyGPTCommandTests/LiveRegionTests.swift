import Foundation
import Testing

@testable import Console

@Suite("Live region")
struct LiveRegionTests {
    private final class Written {
        var text = ""
        func take() -> String {
            defer { text = "" }
            return text.replacingOccurrences(of: LiveScreen.beginFrame, with: "<")
                .replacingOccurrences(of: LiveScreen.endFrame, with: ">").replacingOccurrences(of: "\u{1B}[", with: "^")
        }
    }

    private static let size = TerminalSize(columns: 20, rows: 8)

    @Test("A single line is drawn as a progress line is")
    func singleLine() {
        let (ours, theirs) = (Written(), Written())
        var region = LiveRegion { ours.text += $0 }
        var line = ProgressLine(
            style: TerminalStyle(environment: ["TERM": "xterm", "COLUMNS": "20"], isTerminal: true)
        ) { theirs.text += $0 }
        region.draw(["step 1"], in: Self.size)
        region.draw(["step 1"], in: Self.size, notice: "saved")
        region.finish()
        line.update("step 1")
        line.notice("saved")
        line.finish()
        #expect(ours.text == theirs.text)
    }

    @Test("A frame goes up to the first line and writes those that have changed")
    func changes() {
        let written = Written()
        var region = LiveRegion { written.text += $0 }
        region.draw(["a", "b", "c"], in: Self.size)
        #expect(written.take() == "<\ra^K\nb^K\nc^K>")
        region.draw(["a", "B", "c"], in: Self.size)
        #expect(written.take() == "<\r^2A\nB^K\n>")
        region.draw(["a", "B"], in: Self.size)
        #expect(written.take() == "<\r^2A^Ja^K\nB^K>")
        region.finish()
        #expect(written.take() == "^?25h\n")
        region.finish()
        #expect(written.take() == "")
    }

    @Test("A line of the log is written above, and is not cut")
    func notices() {
        let written = Written()
        var region = LiveRegion { written.text += $0 }
        region.draw(["a", "b"], in: Self.size)
        _ = written.take()
        region.draw(["a", "c"], in: Self.size, notice: "a line of more than 20 columns")
        #expect(written.take() == "<\r^1A^J^?7ha line of more than 20 columns^?7l\n\ra^K\nc^K>")
    }

    @Test("In a narrower window, or one too low for the lines, all is drawn anew, with the end of the log above")
    func shrinking() {
        let written = Written()
        var region = LiveRegion { written.text += $0 }
        region.remember("one\ntwo\nthree\nfour, which is long\n")
        region.draw(["a", "b"], in: Self.size)
        _ = written.take()
        region.draw(["a", "b"], in: TerminalSize(columns: 10, rows: 4))
        #expect(written.take() == "<^H^Jthree\nfour, whi\na^K\nb^K>")
        region.draw(["a"], in: TerminalSize(columns: 10, rows: 1))
        #expect(written.take() == "<^H^Ja^K^?25h>")
        region.draw(["a", "b"], in: Self.size)
        #expect(written.take() == "<^H^Jone\ntwo\nthree\nfour, which is long\na^K\nb^K>")
    }

    @Test("A larger window keeps what is there")
    func growing() {
        let written = Written()
        var region = LiveRegion { written.text += $0 }
        region.draw(["a", "b"], in: Self.size)
        _ = written.take()
        region.draw(["a", "b", "c"], in: TerminalSize(columns: 30, rows: 9))
        #expect(written.take() == "<\r^1A\n\nc^K>")
    }

    @Test("A crash shows the cursor again and still is a crash")
    func crash() async throws {
        // What a trap of Swift raises, and the one of these signals that sanitizers leave to the program.
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGILL), observing: [\.standardErrorContent]) {
                LiveScreen.begin()
                raise(SIGILL)
            })
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains("\u{1B}[?25h\n"))
    }

    @Test("Ctrl-C leaves its notice in the last line, and the second one restores the terminal")
    func interruption() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGINT), observing: [\.standardErrorContent]) {
                LiveScreen.begin()
                Interruption.install()
                kill(getpid(), SIGINT)
                for _ in 0..<5000 where !Interruption.isRequested { usleep(1000) }
                StandardStreams.draw("|")
                kill(getpid(), SIGINT)
                sleep(5)
            })
        let text = String(decoding: result.standardErrorContent, as: UTF8.self).split(separator: "|")
        #expect(text.first?.contains("\rfinishing this step and saving") == true && !text[0].contains("\n\u{1B}"))
        #expect(text.last?.hasPrefix("\u{1B}[?2026l\u{1B}[?7h\u{1B}[?25h\n") == true)
    }

    @Test("Once the terminal is restored, nothing more is written to it")
    func restored() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGTERM), observing: [\.standardErrorContent]) {
                LiveScreen.begin()
                LiveScreen.end()
                LiveScreen.restore()
                kill(getpid(), SIGTERM)
                sleep(5)
            })
        #expect(!String(decoding: result.standardErrorContent, as: UTF8.self).contains("\u{1B}[?25h"))
    }
}
