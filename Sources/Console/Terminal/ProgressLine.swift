/// The progress of long work: one line that is redrawn on a terminal, plain lines anywhere else.
package struct ProgressLine {
    /// The least time between two drawings: ten times a second is as fast as anyone reads.
    private static let shortestPause = Duration.milliseconds(100)

    private let style: TerminalStyle
    private let isQuiet: Bool
    private let write: (String) -> Void
    private var lastDrawn: ContinuousClock.Instant?
    /// The newest text, drawn or not; nil where the line is empty.
    private var text: String?
    private var isTextDrawn = false

    /// Creates an empty line.
    ///
    /// - Parameters:
    ///   - style: Of the stream that is written to.
    ///   - isQuiet: Whether to write nothing at all.
    ///   - write: Writes to the stream, escape sequences too; standard error by default.
    package init(
        style: TerminalStyle, isQuiet: Bool = false, write: @escaping (String) -> Void = StandardStreams.draw
    ) {
        self.style = style
        self.isQuiet = isQuiet
        self.write = write
    }

    /// Shows a new state on a terminal, unless the last one has been there for less than a tenth of a second; then it is kept
    /// for `finish`. Does nothing on anything but a terminal that can redraw.
    package mutating func update(_ text: String, at now: ContinuousClock.Instant = .now) {
        guard style.canRedraw, !isQuiet else { return }
        self.text = text
        isTextDrawn = false
        if let lastDrawn, now - lastDrawn < Self.shortestPause { return }
        draw()
        lastDrawn = now
    }

    /// Writes a line of a log, which is for everything but a terminal: there the redrawn line has said it.
    package mutating func log(_ text: String) {
        guard !style.canRedraw, !isQuiet else { return }
        write(text + "\n")
    }

    /// Writes a line that stays, above the redrawn one where there is one.
    package mutating func notice(_ text: String) {
        guard !isQuiet else { return }
        guard style.canRedraw else { return write(text + "\n") }
        write((self.text == nil ? "" : "\r\u{1B}[K") + text + "\n")
        if self.text != nil { draw() }
    }

    /// Leaves the newest state on the terminal and goes to a fresh line.
    package mutating func finish() {
        guard text != nil else { return }
        if !isTextDrawn { draw() }
        write("\n")
        text = nil
        lastDrawn = nil
    }

    /// One column stays free: after a character in the last one, erasing would erase it.
    private mutating func draw() {
        guard let text else { return }
        write("\r" + TerminalStyle.cut(text, to: style.width - 1) + "\u{1B}[K")
        isTextDrawn = true
    }
}
