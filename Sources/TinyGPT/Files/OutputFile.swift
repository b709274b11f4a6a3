import Foundation

/// A file open for writing, closed when the value goes out of scope.
struct OutputFile: ~Copyable {
    /// The path in error messages: the one the user gave, even while a temporary file stands in for it.
    let path: String

    private let descriptor: Int32

    /// Opens a file for writing.
    ///
    /// - Parameters:
    ///   - path: The path to open.
    ///   - flags: The `O_…` flags that go with writing, such as `O_CREAT | O_EXCL`.
    ///   - name: The path to name in messages when it is another one.
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    init(path: String, flags: Int32, name: String? = nil) throws {
        self.path = name ?? path
        descriptor = retryingInterrupted { open(path, O_WRONLY | O_CLOEXEC | flags, 0o666) }
        if descriptor < 0 {
            throw TinyGPTError.cannotCreate(self.path, reason: FileStatus.reason(errno))
        }
    }

    deinit { close(descriptor) }

    /// Writes all the bytes at the current end.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var written = 0
        while written < bytes.count {
            // Some systems refuse to move 2 GiB or more at once.
            let wanted = min(bytes.count - written, 1 << 30)
            let count = retryingInterrupted { write(descriptor, bytes.baseAddress! + written, wanted) }
            if count < 0 { throw failure(errno) }
            written += count
        }
    }

    /// Writes the UTF-8 bytes of a text in one piece.
    func append(_ text: String) throws {
        var text = text
        try text.withUTF8 { try append(UnsafeRawBufferPointer($0)) }
    }

    /// Waits until everything written is on the disk, and survives a power failure. The name of a new file does so only when
    /// the folder has been synchronized too.
    func synchronize() throws {
        if retryingInterrupted({ fileSynchronize(descriptor) }) != 0 { throw failure(errno) }
    }

    private func failure(_ code: Int32) -> TinyGPTError {
        .cannotWrite(path, reason: FileStatus.reason(code))
    }
}

/// Calls the system again while a signal interrupts it, which network file systems do even to calls on files.
///
/// - Parameter call: Returns a negative number and sets `errno` when it fails.
/// - Returns: What the call returned in the end.
package func retryingInterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// `fsync`; on Darwin that stops at the drive's own cache, and another call reaches the disk where the file system has it.
private func fileSynchronize(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return 0 }
    #endif
    return fsync(descriptor)
}
