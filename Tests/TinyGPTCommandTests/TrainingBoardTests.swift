import Foundation
import Testing

@testable import Console
@testable import TinyGPT
@testable import TinyGPTCommand

@Suite("Training board")
struct TrainingBoardTests {
    private static let plain = TerminalStyle(
        environment: ["TERM": "xterm", "LANG": "C.UTF-8"], isTerminal: true, choice: .never)
    private static let ascii = TerminalStyle(
        environment: ["TERM": "xterm", "LANG": "C"], isTerminal: true, choice: .never)
    private static let colored = TerminalStyle(
        environment: ["TERM": "xterm-256color", "LANG": "C.UTF-8"], isTerminal: true)

    /// A board in the middle of a training.
    private static let board: TrainingBoard = {
        var board = TrainingBoard(steps: 1000, operationsPerToken: 5e6, peak: 500)
        board.add(validation: 4.08, step: 0, sample: "nonsense")
        for step in 1...430 {
            let report = Trainer.Report(
                step: step, loss: 1.5 + 2.5 / Double(step).squareRoot(), learningRate: 0.0024, gradientNorm: 0.52,
                characters: 768)
            board.add(report, tokensPerSecond: 28_100, elapsed: 23, left: 31)
            if step == 250 { board.add(validation: 1.765, step: step, sample: "Shall I\tcompare \u{1B}[2J日本\n\nthee") }
        }
        return board
    }()

    @Test("Its lines fit every terminal that it is drawn on, and leave some to the log")
    func sizes() throws {
        for (columns, rows) in [(40, 20), (60, 23), (80, 24), (81, 25), (160, 50), (500, 200)] {
            for style in [Self.plain, Self.ascii, Self.colored] {
                let size = TerminalSize(columns: columns, rows: rows)
                for board in [Self.board, TrainingBoard(steps: 5, operationsPerToken: 1, peak: 1)] {
                    let lines = try #require(board.lines(in: size, style))
                    #expect(lines.count <= rows - 3)
                    let widths = lines.map { VisibleText.columns(of: Self.withoutEscapes($0)) }
                    #expect(widths.allSatisfy { $0 < columns }, "\(columns) x \(rows): \(widths)")
                }
            }
        }
    }

    @Test("A smaller terminal has none", arguments: [(10, 3), (39, 50), (160, 19), (80, 0)])
    func tooSmall(columns: Int, rows: Int) {
        #expect(Self.board.lines(in: TerminalSize(columns: columns, rows: rows), Self.plain) == nil)
    }

    @Test("It says how far the training is, the figures of the newest step, and the newest sample")
    func contents() throws {
        let lines = try #require(Self.board.lines(in: TerminalSize(columns: 80, rows: 24), Self.plain))
        #expect(lines[0] == String(repeating: "━", count: 33) + String(repeating: "─", count: 46))
        #expect(lines[1] == "step 430 of 1000  43%                                     23s elapsed, 31s left")
        #expect(lines[2] == "   loss                                     ⠤⠤ training, smoothed  o validation")
        #expect(
            lines.suffix(8) == [
                "",
                "train loss  1.621             learning rate  0.0024    28.1k chars/s",
                "val loss    1.765             gradient norm  0.52      140 GFLOP/s, 28% of peak",
                "",
                "sample after step 250",
                "  Shall I compare ␛[2J日本",
                "",
                "  thee",
            ])
    }

    @Test("In ASCII it says the same")
    func asciiOnly() throws {
        let size = TerminalSize(columns: 80, rows: 24)
        let lines = try #require(Self.board.lines(in: size, Self.ascii))
        #expect(lines.joined().allSatisfy { $0.isASCII })
        #expect(lines[1...1] == Self.board.lines(in: size, Self.plain)?[1...1])
    }

    @Test("Colors add nothing but escapes")
    func colors() throws {
        let size = TerminalSize(columns: 100, rows: 30)
        let lines = try #require(Self.board.lines(in: size, Self.colored))
        #expect(lines.map(Self.withoutEscapes) == Self.board.lines(in: size, Self.plain))
        #expect(lines.contains { $0.contains("\u{1B}[36m") })
    }

    @Test("A validation shows its progress, and a training without validation none")
    func validation() throws {
        var board = Self.board
        board.validate(0.4)
        let size = TerminalSize(columns: 80, rows: 24)
        #expect(try #require(board.lines(in: size, Self.plain))[1].hasSuffix("validating 40%"))
        board.add(validation: nil, step: 500, sample: "text")
        #expect(try #require(board.lines(in: size, Self.plain))[1].hasSuffix("23s elapsed, 31s left"))
    }

    @Test("The history is smoothed, and of bounded length")
    func history() {
        var history = LossHistory()
        for step in 1...100_000 {
            history.add(step % 2 == 0 ? 2 : 3, step: step)
            if step == 50 { history.add(.nan, step: step) }
        }
        #expect(history.training.count <= 1024 && history.training.count >= 512)
        #expect(history.training.last.map { $0.x > 99_800 && abs($0.y - 2.5) < 0.01 } == true)
        #expect(zip(history.training, history.training.dropFirst()).allSatisfy { $0.x < $1.x })
        history.add(validation: 2, step: 1)
        history.add(validation: 3, step: 2)
        #expect(history.best == 2)
    }

    private static func withoutEscapes(_ line: String) -> String {
        line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    }
}
