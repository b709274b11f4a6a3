import Foundation
import Synchronization
import TinyGPT

/// The two streams of the process.
enum StandardStreams {
    /// Results: text, tables, JSON. Buffered unless it is a terminal; flush what a reader waits for.
    static let output = TextStream(descriptor: STDOUT_FILENO, name: "standard output")
    /// Everything else: progress, notices, errors. Never buffered.
    static let error = TextStream(descriptor: STDERR_FILENO, name: "standard error", isBuffered: false)

    /// Writes to standard error; a failure there cannot be reported and is ignored.
    static func note(_ text: String) {
        try? error.write(text)
    }
}

/// Text written to a file descriptor, whole or not at all.
final class TextStream: Sendable {
    /// Whether it is a terminal.
    let isTerminal: Bool

    private static let capacity = 16 * 1024
    private let descriptor: Int32
    private let name: String
    private let isBuffered: Bool
    private let pending = Mutex<[UInt8]>([])

    /// A stream on a descriptor, which the caller closes.
    ///
    /// - Parameters:
    ///   - descriptor: Open for writing.
    ///   - name: For error messages.
    ///   - isBuffered: Whether small texts are collected; a terminal is never kept waiting.
    init(descriptor: Int32, name: String, isBuffered: Bool = true) {
        self.descriptor = descriptor
        self.name = name
        isTerminal = isatty(descriptor) == 1
        self.isBuffered = isBuffered && !isTerminal
    }

    /// Writes a text, at once or with what follows.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func write(_ text: String) throws {
        try pending.withLock { bytes in
            bytes.append(contentsOf: text.utf8)
            if !isBuffered || bytes.count >= Self.capacity {
                try send(&bytes)
            }
        }
    }

    /// Writes what was collected.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func flush() throws {
        try pending.withLock { bytes in try send(&bytes) }
    }

    /// Empties `bytes` even when writing fails: a reader who missed a part has no use for what follows it.
    private func send(_ bytes: inout [UInt8]) throws {
        defer { bytes.removeAll(keepingCapacity: true) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Foundation.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // Another process that shares the descriptor made it non-blocking.
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                throw TinyGPTError.cannotWrite(name, reason: String(cString: strerror(errno)))
            }
        }
    }
}
