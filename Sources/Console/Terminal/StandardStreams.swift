import Foundation
import TinyGPT

extension String {
    /// The text with a visible sign for each control character but line break and tab: Unicode's pictures of control codes (␛ for
    /// escape), and the replacement character for what has none, such as marks that reverse the direction of writing.
    package var withVisibleControls: String {
        guard unicodeScalars.contains(where: \.isHidden) else { return self }
        return mapScalars { $0.isHidden ? String($0.picture) : nil }
    }
}

extension Unicode.Scalar {
    /// Whether it is a control character other than those of plain text.
    fileprivate var isHidden: Bool { self != "\n" && self != "\t" && isControl }

    fileprivate var picture: Unicode.Scalar {
        switch value {
        case 0..<0x20: Unicode.Scalar(0x2400 + value)!
        case 0x7F: "\u{2421}"
        default: "\u{FFFD}"
        }
    }
}

/// The two streams of the process.
package enum StandardStreams {
    /// Results: text, tables, JSON. Buffered unless it is a terminal; flush what a reader waits for.
    package static let output = TextStream(descriptor: STDOUT_FILENO, name: "standard output")
    /// Everything else: progress, notices, errors. Never buffered.
    package static let error = TextStream(descriptor: STDERR_FILENO, name: "standard error", isBuffered: false)

    /// Opens the standard streams that a parent has closed (`2>&-`, daemons). The first file opened would take the number of one,
    /// and what is written to the stream would end up in the file.
    package static func openClosed() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // Where there is no such device, the root folder takes the number: it can be neither read nor written.
            if open("/dev/null", O_RDWR) < 0 { _ = open("/", O_RDONLY) }
        }
    }

    /// Writes plain text to standard error; control characters in it, from a path or a file, are shown and not obeyed.
    package static func note(_ text: String) { draw(text.withVisibleControls) }

    /// Writes text with escape sequences of the program's own to standard error. A failure cannot be reported and is ignored.
    package static func draw(_ text: String) { try? error.write(text) }

    /// Writes text of a model or a file to standard output: as it is to a file or a pipe, and to a terminal, which would obey
    /// them, with visible control characters.
    package static func writeForeign(_ text: String) throws {
        try output.write(output.isTerminal ? text.withVisibleControls : text)
    }
}

/// Text written to a file descriptor, whole or not at all.
package final class TextStream: Sendable {
    /// Whether it is a terminal.
    package let isTerminal: Bool

    private static let capacity = 16 * 1024
    private let descriptor: Int32
    private let name: String
    private let isBuffered: Bool
    /// A POSIX mutex: the thread sanitizer supports it, but not the standard library's `Mutex`.
    private let lock = NSLock()
    private nonisolated(unsafe) var pending: [UInt8] = []

    /// A stream on a descriptor, which the caller closes.
    ///
    /// - Parameters:
    ///   - descriptor: Open for writing.
    ///   - name: For error messages.
    ///   - isBuffered: Whether small texts are collected; a terminal is never kept waiting.
    package init(descriptor: Int32, name: String, isBuffered: Bool = true) {
        self.descriptor = descriptor
        self.name = name
        isTerminal = isatty(descriptor) == 1
        self.isBuffered = isBuffered && !isTerminal
    }

    /// Writes a text, at once or with what follows.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    package func write(_ text: String) throws {
        try lock.withLock {
            pending.append(contentsOf: text.utf8)
            if !isBuffered || pending.count >= Self.capacity { try send(&pending) }
        }
    }

    /// Writes what was collected.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    package func flush() throws {
        try lock.withLock { try send(&pending) }
    }

    /// Empties `bytes` even when writing fails: a reader who missed a part has no use for what follows it.
    private func send(_ bytes: inout [UInt8]) throws {
        defer { bytes.removeAll(keepingCapacity: true) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                retryingInterrupted {
                    Foundation.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
                }
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // Another process that shares the descriptor made it non-blocking.
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else {
                throw TinyGPTError.cannotWrite(name, reason: String(cString: strerror(errno)))
            }
        }
    }
}
