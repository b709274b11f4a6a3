import Foundation

/// A file open for reading, closed when the value goes out of scope.
struct InputFile: ~Copyable {
    /// What the file is called in messages: its path, or "standard input".
    let name: String
    /// Size in bytes when it was opened; `nil` for a pipe or a terminal, which have none.
    let size: Int?

    private let descriptor: Int32
    private let closesWhenDone: Bool

    /// Opens the file at a path.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/isFolder(_:)`` or ``TinyGPTError/cannotRead(_:reason:)``.
    init(path: String) throws {
        if FileStatus.type(at: path) == S_IFDIR { throw TinyGPTError.isFolder(path) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            throw errno == ENOENT || errno == ENOTDIR
                ? TinyGPTError.missingFile(path) : .cannotRead(path, reason: FileStatus.reason(errno))
        }
        self.init(name: path, descriptor: descriptor, closesWhenDone: true)
    }

    /// Reads from a descriptor that stays open when the value goes out of scope.
    init(standardInput descriptor: Int32) {
        self.init(name: "standard input", descriptor: descriptor, closesWhenDone: false)
    }

    private init(name: String, descriptor: Int32, closesWhenDone: Bool) {
        var information = stat()
        let isRegular = fstat(descriptor, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
        self.name = name
        self.size = isRegular ? Int(information.st_size) : nil
        self.descriptor = descriptor
        self.closesWhenDone = closesWhenDone
    }

    deinit {
        if closesWhenDone { close(descriptor) }
    }

    /// Reads until the buffer is full or the file ends.
    ///
    /// - Returns: The bytes read; fewer than the buffer holds only at the end of the file.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            // Some systems refuse to move 2 GiB or more at once.
            let wanted = min(buffer.count - filled, 1 << 30)
            let count = read(descriptor, buffer.baseAddress! + filled, wanted)
            if count > 0 {
                filled += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw TinyGPTError.cannotRead(name, reason: FileStatus.reason(errno))
            }
        }
        return filled
    }

    /// The next bytes, as many as are there, but at most `limit`; none at the end of the file.
    ///
    /// Waits for a pipe's first byte only, so that what arrives slowly is seen when it arrives.
    ///
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``.
    func readPiece(upTo limit: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            repeat {
                let received = read(descriptor, buffer.baseAddress, limit)
                if received < 0, errno != EINTR {
                    throw TinyGPTError.cannotRead(name, reason: FileStatus.reason(errno))
                }
                count = received
            } while count < 0
        }
    }

    /// Moves on by `count` bytes without reading them.
    ///
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``.
    func skip(_ count: Int) throws {
        if lseek(descriptor, off_t(count), SEEK_CUR) < 0 {
            throw TinyGPTError.cannotRead(name, reason: FileStatus.reason(errno))
        }
    }

    /// Reads everything that is left, from a pipe too.
    func readToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size ?? 0)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { chunk.deallocate() }
        while true {
            let count = try fill(chunk)
            bytes.append(contentsOf: chunk[..<count])
            if count < chunk.count { return bytes }
        }
    }
}
