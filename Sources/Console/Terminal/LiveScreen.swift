import Foundation
import Synchronization

/// What has to be undone on a terminal that is drawn on in place, however the process ends: a hidden cursor above all.
package enum LiveScreen {
    /// Puts the terminal into the state for drawing, at the beginning of every frame: an update that appears as a whole where
    /// the terminal knows how (synchronized output), no cursor, and lines that are cut instead of continued in the next.
    static let beginFrame = "\u{1B}[?2026h\u{1B}[?25l\u{1B}[?7l"
    /// Ends a frame; the cursor stays hidden.
    static let endFrame = "\u{1B}[?7h\u{1B}[?2026l"
    /// Shows the cursor again.
    static let showCursor = "\u{1B}[?25h"

    /// Begins to draw on standard error: from here on a signal that ends or stops the process restores the terminal first.
    static func begin() {
        isLive.store(true, ordering: .relaxed)
        if !isInstalled.exchange(true, ordering: .relaxed) { install() }
    }

    /// Says that the terminal is restored.
    static func end() { isLive.store(false, ordering: .relaxed) }

    /// Whether the terminal is to be restored.
    package static var isActive: Bool { isLive.load(ordering: .relaxed) }

    /// Whether the process was stopped since the last call: its lines are then somewhere above, the cursor on a new one.
    static func takeInterval() -> Bool { wasStopped.exchange(false, ordering: .relaxed) }

    /// Whether the process may draw: not in the background of its terminal (`bg`), where a shell reads and writes.
    package static var isInForeground: Bool {
        let group = tcgetpgrp(STDERR_FILENO)
        return group < 0 || group == getpgrp()
    }

    /// Restores the terminal if there is anything to restore, and goes to a new line. Does only what a signal handler may do.
    static func restore() {
        guard isLive.exchange(false, ordering: .relaxed) else { return }
        let text: StaticString = "\u{1B}[?2026l\u{1B}[?7h\u{1B}[?25h\n"
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }

    private static func install() {
        wasStopped.store(false, ordering: .relaxed)
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV] {
            // Swift's own handler for backtraces, say, which takes its turn afterwards.
            sigaction(number, nil, earlier + Int(number))
            signal(number, restoreAndPassOn)
        }
        signal(SIGCONT) { _ in wasStopped.store(true, ordering: .relaxed) }
        let before = signal(SIGTSTP, restoreAndStop)
        // As under a shell without job control, which could not continue it.
        if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGTSTP, SIG_IGN) }
    }
}

private let isLive = Atomic<Bool>(false)
private let isInstalled = Atomic<Bool>(false)
private let wasStopped = Atomic<Bool>(false)

/// The actions of signals before ours, by number.
private nonisolated(unsafe) let earlier = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)

/// A signal that ends the process.
private func restoreAndPassOn(_ number: Int32) {
    LiveScreen.restore()
    sigaction(number, earlier + Int(number), nil)
    // Delivered when this returns.
    raise(number)
}

/// Ctrl-Z.
private func restoreAndStop(_ number: Int32) {
    let savedError = errno
    LiveScreen.restore()
    wasStopped.store(true, ordering: .relaxed)
    // Returns when the process is continued.
    Interruption.raiseByDefault(number)
    signal(number, restoreAndStop)
    errno = savedError
}
