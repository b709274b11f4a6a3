import Foundation
import Synchronization

/// Stopping cleanly on Ctrl-C (SIGINT), SIGTERM and the end of a terminal session (SIGHUP).
///
/// The first signal is only noted, so that the work can end its step, save, and return; the second one ends the process at once.
/// In the end the process kills itself with the signal it got: only that shows the parent, a shell loop for example, that
/// it was interrupted, which an exit code of 130 does not.
package enum Interruption {
    /// Installs the handlers. A process started in the background with SIGINT ignored handles it all the same.
    ///
    /// - Parameter isAnnounced: Whether a signal's handler says that the step is finished first.
    package static func install(isAnnounced: Bool = true) {
        hasNotice.store(isAnnounced, ordering: .relaxed)
        isOnTerminal.store(isatty(STDERR_FILENO) == 1, ordering: .relaxed)
        received.store(0, ordering: .relaxed)
        signal(SIGINT, handle)
        signal(SIGTERM, handle)
        // Under `nohup` it is ignored, and stays so.
        if let before = signal(SIGHUP, handle),
            unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        {
            signal(SIGHUP, SIG_IGN)
        }
    }

    /// Whether a signal has come; to be asked between steps.
    package static var isRequested: Bool {
        received.load(ordering: .relaxed) != 0
    }

    /// Forgets Ctrl-C where it has ended a piece of work and not the program; other signals stay.
    package static func clear() { _ = received.compareExchange(expected: SIGINT, desired: 0, ordering: .relaxed) }

    /// Ends the process by the signal that came.
    package static func die() -> Never {
        let number = received.load(ordering: .relaxed)
        precondition(number != 0, "the process was asked to die of a signal that never came")
        raiseByDefault(number)
        exit(128 + number)
    }

    /// Lets the system do what a signal does where no handler is. Does only what a signal handler may do.
    static func raiseByDefault(_ number: Int32) {
        signal(number, SIG_DFL)
        // The threads of Dispatch block signals, and the caller may be one of them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
    }
}

/// The signal that came first; 0 before that. Touched by `install` before any handler runs, so that the handler never
/// initializes it.
private let received = Atomic<Int32>(0)

/// Whether the notice has to leave the progress line first.
private let isOnTerminal = Atomic<Bool>(false)

/// Whether the handler says what happens.
private let hasNotice = Atomic<Bool>(true)

/// Does only what POSIX allows in a signal handler: no allocation, no lock.
private func handle(_ number: Int32) {
    let savedError = errno
    guard received.exchange(number, ordering: .relaxed) == 0 else {
        LiveScreen.restore()
        signal(number, SIG_DFL)
        kill(getpid(), number)
        return
    }
    guard hasNotice.load(ordering: .relaxed) else { return }
    // In the last line of what is drawn in place. On Ctrl-C the system throws away what the terminal has not read: a frame may
    // lack its end, without which the terminal would not show this, and lines, below which the rest of the one before would stay.
    let notice: StaticString =
        LiveScreen.isActive
        ? "\u{1B}[?2026l\u{1B}[?7l\rfinishing this step and saving; press Ctrl-C again to quit immediately\u{1B}[J\u{1B}[?7h"
        : isOnTerminal.load(ordering: .relaxed)
            ? "\nfinishing this step and saving; press Ctrl-C again to quit immediately\n"
            : "finishing this step and saving; press Ctrl-C again to quit immediately\n"
    _ = write(STDERR_FILENO, notice.utf8Start, notice.utf8CodeUnitCount)
    errno = savedError
}
