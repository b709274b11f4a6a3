import Foundation

/// Files and folders that appear whole or not at all: a reader sees the old contents or the new, never a part.
package enum AtomicFile {
    /// Checks that a file could be written, before the work for it is done.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    package static func check(_ path: String) throws {
        let type = try typeOfFile(at: path)
        guard type == nil || type == S_IFREG else { return }
        let temporary = temporaryName(
            beside: type == nil ? path : FileStatus.resolvingSymbolicLinks(in: path))
        _ = try OutputFile(path: temporary, flags: O_CREAT | O_EXCL, name: path)
        unlink(temporary)
    }

    /// Replaces the file at a path by a text.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``; what was at the path is
    ///   then unchanged.
    package static func write(_ text: String, to path: String) throws {
        try write(to: path) { try $0.append(text) }
    }

    /// Replaces the file at a path by what `contents` appends.
    ///
    /// The bytes go to a temporary file in the same folder, reach the disk, and only then take the name. A device or a
    /// pipe cannot be replaced by a file, so it is written to directly.
    ///
    /// - Throws: As `write(_:to:)`, and whatever `contents` throws.
    static func write(to path: String, contents: (borrowing OutputFile) throws -> Void) throws {
        let type = try typeOfFile(at: path)
        if let type, type != S_IFREG {
            return try contents(OutputFile(path: path, flags: 0))
        }
        // A symbolic link stays one: the file it points to is replaced.
        let target = type == nil ? path : FileStatus.resolvingSymbolicLinks(in: path)
        let temporary = temporaryName(beside: target)
        do {
            try writeDurably(to: temporary, name: path, contents: contents)
            if rename(temporary, target) != 0 {
                throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno))
            }
        } catch {
            unlink(temporary)
            throw error
        }
        synchronizeFolder(FileStatus.parentFolder(of: target))
    }

    /// The type of the file at a path, which must not be a folder; nil when there is none.
    private static func typeOfFile(at path: String) throws -> mode_t? {
        let type = FileStatus.type(at: path)
        if type == S_IFDIR { throw TinyGPTError.cannotCreate(path, reason: "a folder with that name exists") }
        return type
    }

    private static func writeDurably(
        to temporary: String, name: String, contents: (borrowing OutputFile) throws -> Void
    ) throws {
        let file = try OutputFile(path: temporary, flags: O_CREAT | O_EXCL, name: name)
        try contents(file)
        try file.synchronize()
    }

    /// Whether a file's name is one that this type gives to temporary files.
    static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".tinygpt-") && name.hasSuffix(".tmp") }

    /// Whether a file's name is one that a process gave to a temporary file and has left when it was killed: no such process
    /// is there, or the number is this process's own, which has not begun to write.
    static func isLeftOver(_ name: String) -> Bool {
        guard isTemporary(name), let number = name.split(separator: "-").dropFirst().first.flatMap({ pid_t($0) })
        else { return false }
        return number <= 0 || number == getpid() || (kill(number, 0) != 0 && errno == ESRCH)
    }

    private static func temporaryName(beside path: String) -> String {
        // The name of the file itself is left out: with a suffix it could become too long for the file system.
        let name = ".tinygpt-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
        return "\(FileStatus.parentFolder(of: path))/\(name)"
    }

    /// Makes the names in a folder survive a power failure: those of files created, renamed or removed.
    ///
    /// Some file systems cannot, and the files are complete either way, so a failure is ignored, as SQLite does.
    static func synchronizeFolder(_ path: String) {
        let descriptor = retryingInterrupted { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return }
        _ = retryingInterrupted { fsync(descriptor) }
        close(descriptor)
    }

    /// Fills a temporary folder beside a path and then renames it.
    ///
    /// A process that is killed leaves the folder, called by the path, eight random characters and `.part`. Another does not remove
    /// it: it could not tell it from one that a process on another machine is filling.
    ///
    /// - Parameters:
    ///   - path: The folder to make; what is there must be an empty folder.
    ///   - fill: Writes the files into the folder whose path it is given.
    /// - Throws: ``TinyGPTError/folderNotEmpty(_:)``, ``TinyGPTError/cannotCreate(_:reason:)``, and what `fill` throws; nothing
    ///   is left behind.
    static func createFolder(at path: String, fill: (_ folder: String) throws -> Void) throws {
        let trimmed = FileStatus.withoutTrailingSlashes(path)
        if let type = FileStatus.type(at: trimmed) {
            guard type == S_IFDIR, try isEmptyFolder(trimmed, name: path) else {
                throw TinyGPTError.folderNotEmpty(path)
            }
        }
        let folder = "\(trimmed).\(UUID().uuidString.prefix(8)).part"
        if mkdir(folder, 0o777) != 0 { throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno)) }
        do {
            try fill(folder)
            if rename(folder, trimmed) != 0 { throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno)) }
            synchronizeFolder(FileStatus.parentFolder(of: trimmed))
        } catch {
            try? FileManager.default.removeItem(atPath: FileStatus.absolute(folder))
            throw (error as? TinyGPTError)?.naming(trimmed, insteadOf: folder) ?? error
        }
    }

    private static func isEmptyFolder(_ path: String, name: String) throws -> Bool {
        switch FileStatus.contents(of: path) {
        case .success(let names): return names.isEmpty
        case .failure(let error): throw TinyGPTError.cannotCreate(name, reason: error.reason)
        }
    }
}

extension TinyGPTError {
    /// An error of writing below a temporary folder, about the file that would have been at `path` in the end.
    fileprivate func naming(_ path: String, insteadOf folder: String) -> TinyGPTError {
        func final(_ name: String) -> String {
            name.utf8.starts(with: folder.utf8)
                ? path + String(decoding: name.utf8.dropFirst(folder.utf8.count), as: UTF8.self) : name
        }
        return switch self {
        case .cannotCreate(let name, let reason): .cannotCreate(final(name), reason: reason)
        case .cannotWrite(let name, let reason): .cannotWrite(final(name), reason: reason)
        default: self
        }
    }
}
