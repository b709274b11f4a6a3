/// The last lines of a terminal, drawn again and again in place, while lines of a log scroll above them.
///
/// A frame is one write with the lines that have changed. What a terminal does with lines that no longer fit after its window
/// was resized differs from one to the next: some break them, some cut them, some move them to the history and back. So then
/// the whole window is drawn anew, with the log above.
package struct LiveRegion {
    private let write: (String) -> Void
    /// The lines on the terminal; the cursor is in the last of them. None before the first frame.
    private var drawn: [String] = []
    /// The size that they were drawn for.
    private var size = TerminalSize(columns: 0, rows: 0)
    /// The newest lines of the log.
    private var log: [Substring] = []

    /// As many as the tallest window shows.
    private static let logLimit = 200

    /// A region without lines.
    ///
    /// - Parameter write: Writes to the terminal, escape sequences too; to standard error by default.
    package init(write: @escaping (String) -> Void = StandardStreams.draw) { self.write = write }

    /// Remembers lines that were written above the region, for when the whole window is drawn.
    package mutating func remember(_ text: String) {
        log += text.split(separator: "\n", omittingEmptySubsequences: false)
        if text.last == "\n" { log.removeLast() }
        log.removeFirst(max(0, log.count - Self.logLimit))
    }

    /// Draws the lines, none wider than the terminal.
    ///
    /// - Parameters:
    ///   - lines: At least one, and fewer than the terminal has.
    ///   - size: That of the terminal now.
    ///   - notice: A line of the log, which appears above them and stays.
    package mutating func draw(_ lines: [String], in size: TerminalSize, notice: String? = nil) {
        if LiveScreen.takeInterval() { drawn = [] }
        if let notice { remember(notice) }
        var frame = frame(lines, in: size, notice: notice)
        if lines.count > 1 {
            LiveScreen.begin()
            frame = LiveScreen.beginFrame + frame + LiveScreen.endFrame
        } else if drawn.count > 1 {
            frame = LiveScreen.beginFrame + frame + LiveScreen.showCursor + LiveScreen.endFrame
        }
        write(frame)
        if lines.count == 1 { LiveScreen.end() }
        (drawn, self.size) = (lines, size)
    }

    /// Leaves the lines on the terminal and goes to a fresh one.
    package mutating func finish() {
        if LiveScreen.takeInterval() { drawn = [] }
        guard !drawn.isEmpty else { return }
        write(drawn.count > 1 ? LiveScreen.showCursor + "\n" : "\n")
        LiveScreen.end()
        drawn = []
    }

    /// What changes the terminal from the lines drawn to these.
    private func frame(_ lines: [String], in size: TerminalSize, notice: String?) -> String {
        var kept = drawn
        var text = "\r"
        if !isWhole(in: size, for: lines) {
            text = "\u{1B}[H\u{1B}[J"
            for line in log.suffix(max(0, size.rows - lines.count)) {
                text += TerminalStyle.cut(String(line), to: size.columns - 1) + "\n"
            }
            kept = []
        } else {
            if kept.count > 1 { text += "\u{1B}[\(kept.count - 1)A" }
            if notice != nil || lines.count < kept.count {
                text += kept.isEmpty ? "" : kept.count > 1 ? "\u{1B}[J" : "\u{1B}[K"
                kept = []
            }
            // Not cut: the log is read, and copied, later.
            if let notice { text += (lines.count > 1 ? "\u{1B}[?7h\(notice)\u{1B}[?7l" : notice) + "\n\r" }
        }
        for (index, line) in lines.enumerated() {
            if index > 0 { text += "\n" }
            if lines.count == 1 || index >= kept.count || kept[index] != line { text += line + "\u{1B}[K" }
        }
        return text
    }

    /// Whether the lines drawn are still what a terminal of this size shows, each in a line of its own.
    private func isWhole(in size: TerminalSize, for lines: [String]) -> Bool {
        drawn.isEmpty
            || size.columns >= self.size.columns && size.rows >= drawn.count
                && (drawn.count > 1) == (lines.count > 1)
    }
}
