import Console
import Foundation

/// Where a training shows how far it is: the live board on a terminal that has room for it, one line that is redrawn on a smaller
/// one, plain lines anywhere else.
struct TrainingDisplay {
    /// The board; nil where there are only lines.
    var board: TrainingBoard?
    private let style: TerminalStyle
    private var plain: ProgressLine
    private var region = LiveRegion()
    /// The newest state as one line; nil before the first.
    private var line: String?
    private var isDrawn = false
    private var nextFrame: ContinuousClock.Instant?

    /// The least time between two frames.
    private static let shortestPause = Duration.milliseconds(100)
    /// The share of the time that drawing may take: on a slow terminal there are fewer frames.
    private static let share = 1.0 / 250
    /// The longest pause all the same, so that one frame that took long does not stop them.
    private static let longestPause = Duration.seconds(1)

    /// A display without a board.
    init(_ style: TerminalStyle, isQuiet: Bool) {
        self.style = style
        plain = ProgressLine(style: style, isQuiet: isQuiet)
    }

    /// Shows a new state: the board as it is now, or a line.
    mutating func update(_ line: String) {
        leaveBoardIfInterrupted()
        guard board != nil else { return plain.update(line) }
        self.line = line
        isDrawn = false
        if let nextFrame, .now < nextFrame { return }
        draw()
    }

    /// Writes a line of the log that a terminal without a board does not need.
    mutating func log(_ text: String) {
        leaveBoardIfInterrupted()
        guard let board else { return plain.log(text) }
        if line != nil, board.lines(in: size, style) != nil { draw(notice: text) }
    }

    /// Writes a line that stays, above all that is redrawn.
    mutating func notice(_ text: String) {
        leaveBoardIfInterrupted()
        guard board != nil else { return plain.notice(text) }
        guard line != nil, LiveScreen.isInForeground else {
            region.remember(text)
            return StandardStreams.draw(text + "\n")
        }
        draw(notice: text)
    }

    /// Remembers what was written before the first frame, for when the whole window is drawn.
    mutating func remember(_ text: String) { region.remember(text) }

    /// Leaves the newest state on the terminal.
    mutating func finish() {
        leaveBoardIfInterrupted()
        guard board != nil else { return plain.finish() }
        if line != nil, !isDrawn { draw() }
        region.finish()
        line = nil
    }

    /// After Ctrl-C lines follow the board, since it is not known how much of its last frame has reached the terminal.
    private mutating func leaveBoardIfInterrupted() {
        guard Interruption.isRequested, LiveScreen.isActive else { return }
        region.finish()
        board = nil
    }

    private var size: TerminalSize {
        TerminalSize(descriptor: STDERR_FILENO) ?? TerminalSize(columns: style.width, rows: 0)
    }

    private mutating func draw(notice: String? = nil) {
        guard let line, LiveScreen.isInForeground else { return }
        let (start, size) = (ContinuousClock.now, size)
        let lines = board?.lines(in: size, style) ?? [TerminalStyle.cut(line, to: min(style.width, size.columns) - 1)]
        region.draw(lines, in: size, notice: notice)
        isDrawn = true
        let pause = (ContinuousClock.now - start) / Self.share
        nextFrame = start + max(Self.shortestPause, min(pause, Self.longestPause))
    }
}
