import Console
import Foundation

/// Writes the events of a training as lines of JSON to standard output.
///
/// A pipe may be closed by its reader at any time. That must not end the training by a signal: it saves first, then reports it.
final class EventWriter {
    private let isEnabled: Bool
    private var failure: (any Error)?

    /// A writer; one that is not enabled writes nothing.
    init(isEnabled: Bool) {
        self.isEnabled = isEnabled
        // Otherwise the signal would end the process at the first line after the pipe is closed.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether a line could not be written.
    var hasFailed: Bool { failure != nil }

    /// Writes an event.
    func write(_ event: [String: JSONValue]) {
        guard isEnabled else { return }
        attempt { try StandardStreams.output.write(try JSONValue.object(event).line()) }
    }

    /// Delivers all events written.
    func flush() { attempt { try StandardStreams.output.flush() } }

    /// Throws the first error, if there was one.
    func check() throws { if let failure { throw failure } }

    private func attempt(_ body: () throws -> Void) {
        guard !hasFailed else { return }
        do { try body() } catch { failure = error }
    }
}
