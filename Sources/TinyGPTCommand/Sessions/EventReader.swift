import Foundation

/// Whoever reads what a training tells as lines of JSON, and may stop reading at any time.
///
/// A training must not die of that: it notices, saves, and then says so.
final class EventReader {
    private let isListening: Bool
    private var failure: (any Error)?

    /// A reader who does not listen is told nothing.
    init(isListening: Bool) {
        self.isListening = isListening
        // Without this the process would end at the first line that nobody takes.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Whether a line could not be delivered.
    var isGone: Bool { failure != nil }

    /// Tells an event.
    func tell(_ event: [String: JSONValue]) {
        guard isListening else { return }
        attempt { try StandardStreams.output.write(try JSONValue.object(event).line()) }
    }

    /// Delivers what was told.
    func flush() { attempt { try StandardStreams.output.flush() } }

    /// Throws what went wrong, if something did.
    func check() throws { if let failure { throw failure } }

    private func attempt(_ body: () throws -> Void) {
        guard !isGone else { return }
        do { try body() } catch { failure = error }
    }
}
