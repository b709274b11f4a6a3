import Foundation

/// A file open for reading, closed when the value goes out of scope.
struct InputFile: ~Copyable {
    /// What the file is called in messages: its path, or "standard input".
    let name: String
    /// Size in bytes when it was opened; `nil` for a pipe or a terminal, which have none.
    let size: Int?

    private let descriptor: Int32
    private let closesWhenDone: Bool

    /// What a file to read can be.
    enum Kind {
        /// A regular file; anything else may have no end, or make the program wait.
        case regular
        /// A text: also a pipe or a terminal.
        case text
    }

    /// Opens the file at a path.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/isFolder(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` for a file of another kind.
    init(path: String, _ kind: Kind = .regular) throws {
        // Before it is opened, because opening a pipe waits for a writer; and again afterwards, because it may have changed.
        let isPipe = FileStatus.type(at: path) == S_IFIFO
        if let type = FileStatus.type(at: path) { try Self.check(type, kind, path) }
        let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (isPipe ? 0 : O_NONBLOCK)
        let descriptor = retryingInterrupted { open(path, flags) }
        if descriptor < 0 {
            throw errno == ENOENT || errno == ENOTDIR
                ? TinyGPTError.missingFile(path) : .cannotRead(path, reason: FileStatus.reason(errno))
        }
        try self.init(name: path, descriptor: descriptor, kind: kind, closesWhenDone: true)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    }

    /// Reads from a descriptor that stays open when the value goes out of scope.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` for a device without an end.
    init(standardInput descriptor: Int32) throws {
        try self.init(name: "standard input", descriptor: descriptor, kind: .text, closesWhenDone: false)
    }

    private init(name: String, descriptor: Int32, kind: Kind, closesWhenDone: Bool) throws {
        var information = stat()
        let type = fstat(descriptor, &information) == 0 ? information.st_mode & S_IFMT : S_IFIFO
        self.name = name
        self.size = type == S_IFREG ? Int(information.st_size) : nil
        self.descriptor = descriptor
        self.closesWhenDone = closesWhenDone
        try Self.check(type, kind, name)
        if type == S_IFCHR, isatty(descriptor) == 0, !Self.isNullDevice(information) {
            throw TinyGPTError.badFile(name, problem: "is a device, which has no end; expected a file or a pipe")
        }
    }

    private static func check(_ type: mode_t, _ kind: Kind, _ name: String) throws {
        switch (type, kind) {
        case (S_IFREG, _), (S_IFIFO, .text), (S_IFCHR, .text), (S_IFSOCK, .text): return
        case (S_IFDIR, .text): throw TinyGPTError.isFolder(name)
        default:
            let names = [S_IFDIR: "a folder", S_IFIFO: "a pipe", S_IFSOCK: "a socket"]
            throw TinyGPTError.badFile(name, problem: "is \(names[type] ?? "a device"), expected a regular file")
        }
    }

    /// Whether it is `/dev/null`, the one device that is an empty file.
    private static func isNullDevice(_ information: stat) -> Bool {
        var null = stat()
        return stat("/dev/null", &null) == 0 && null.st_rdev == information.st_rdev
    }

    deinit {
        if closesWhenDone { close(descriptor) }
    }

    /// Reads what is there, at most as much as the buffer holds.
    ///
    /// - Returns: The bytes read; 0 at the end of the file.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``.
    func readSome(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            // Some systems refuse to move 2 GiB or more at once.
            let count = retryingInterrupted { read(descriptor, buffer.baseAddress, min(buffer.count, 1 << 30)) }
            if count >= 0 { return count }
            guard errno == EAGAIN else { throw TinyGPTError.cannotRead(name, reason: FileStatus.reason(errno)) }
            // Another process that shares standard input made it non-blocking.
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, -1)
        }
    }

    /// Reads until the buffer is full or the file ends.
    ///
    /// - Returns: The bytes read; fewer than the buffer holds only at the end of the file.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try readSome(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Reads the next elements of an array, as they lie in memory.
    ///
    /// - Parameter count: The elements, not negative.
    /// - Returns: The elements; `nil` if the file ends before the last one.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``.
    func elements<Element: BitwiseCopyable>(_ count: Int) throws -> [Element]? {
        // The array without elements is shared by all threads, and the standard library would write its length here.
        guard count > 0 else { return [] }
        let elements = try [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = try fill(bytes) == bytes.count ? count : 0
        }
        return elements.isEmpty ? nil : elements
    }

    /// Moves on by `count` bytes without reading them.
    ///
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``.
    func skip(_ count: Int) throws {
        if lseek(descriptor, off_t(count), SEEK_CUR) < 0 {
            throw TinyGPTError.cannotRead(name, reason: FileStatus.reason(errno))
        }
    }

    /// Calls `body` with one piece after the other of what is left.
    func forEachPiece(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = try piece.withUnsafeMutableBytes { try readSome(into: $0) }
            if count == 0 { return }
            try body(piece[..<count])
        }
    }

    /// Reads everything that is left.
    ///
    /// - Parameter limit: The most bytes.
    /// - Returns: The bytes.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``, or ``TinyGPTError/badFile(_:problem:)`` when there is more.
    func readToEnd(limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachPiece { piece in
            bytes.append(contentsOf: piece)
            guard bytes.count <= limit else {
                throw TinyGPTError.badFile(name, problem: "is too long: expected at most \(limit) bytes")
            }
        }
        return bytes
    }

    /// Calls `body` with each line, without its line break.
    ///
    /// - Parameters:
    ///   - limit: The most bytes of a line; asked for anew with each piece that is read.
    ///   - body: Takes the line and its number, counted from 1.
    /// - Returns: What follows the last line break: nothing, or a line that was cut off.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``, ``TinyGPTError/badFile(_:problem:)`` for a longer line, or what `body`
    ///   throws.
    @discardableResult
    func forEachLine(
        limit: @autoclosure () -> Int, _ body: (_ line: ArraySlice<UInt8>, _ number: Int) throws -> Void
    ) throws -> [UInt8] {
        var (line, number): ([UInt8], Int) = ([], 1)
        try forEachPiece { piece in
            var rest = piece
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: "\n"))
                line.append(contentsOf: rest[..<(end ?? rest.endIndex)])
                guard line.count <= limit() else {
                    throw TinyGPTError.badFile(name, problem: "has more than \(limit()) bytes in line \(number)")
                }
                guard let end else { return }
                try body(line[...], number)
                line.removeAll(keepingCapacity: true)
                number += 1
                rest = rest[(end + 1)...]
            }
        }
        return line
    }
}
