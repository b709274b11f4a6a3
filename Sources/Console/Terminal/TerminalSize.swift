import Foundation

/// The size of a terminal's window.
package struct TerminalSize: Sendable, Equatable {
    /// Characters in a line.
    package let columns: Int
    /// Lines; 0 where only the columns are known.
    package let rows: Int

    package init(columns: Int, rows: Int) { (self.columns, self.rows) = (columns, rows) }

    /// The size at this moment; nil for what is no terminal, or one that does not know.
    package init?(descriptor: Int32) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        self.init(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
