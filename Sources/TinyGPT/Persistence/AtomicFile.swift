import Foundation

/// Files that appear whole or not at all: whoever opens the path sees the old contents or the new, never a part.
package enum AtomicFile {
    /// Finds out whether a file could be written, before the work for it is done.
    ///
    /// - Throws: `.cannotCreate` with the system's reason.
    package static func check(_ path: String) throws {
        let type = try typeOfFile(at: path)
        guard type == nil || type == S_IFREG else { return }
        let temporary = temporaryName(
            beside: type == nil ? path : URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        _ = try OutputFile(path: temporary, flags: O_CREAT | O_EXCL, name: path)
        unlink(temporary)
    }

    /// Writes a text in place of what was at a path.
    ///
    /// - Throws: `.cannotCreate` when the file cannot be created, `.inputOutput` when writing fails; what was at the path
    ///   is then still there.
    package static func write(_ text: String, to path: String) throws {
        try write(to: path) { try $0.append(text) }
    }

    /// Writes whatever `contents` appends in place of what was at a path.
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
        let target = type == nil ? path : URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let temporary = temporaryName(beside: target)
        do {
            try writeDurably(to: temporary, name: path, contents: contents)
            if rename(temporary, target) != 0 {
                throw TinyGPTError(.cannotCreate, "cannot create '\(path)': \(SystemReason.text(errno))")
            }
        } catch {
            unlink(temporary)
            throw error
        }
        synchronizeFolder(of: target)
    }

    /// What is at a path, which must not be a folder; nil for nothing.
    private static func typeOfFile(at path: String) throws -> mode_t? {
        let type = SystemReason.fileType(at: path)
        if type == S_IFDIR {
            throw TinyGPTError(.cannotCreate, "cannot create '\(path)': a folder of that name is there")
        }
        return type
    }

    private static func writeDurably(
        to temporary: String, name: String, contents: (borrowing OutputFile) throws -> Void
    ) throws {
        let file = try OutputFile(path: temporary, flags: O_CREAT | O_EXCL, name: name)
        try contents(file)
        try file.synchronize()
    }

    private static func temporaryName(beside path: String) -> String {
        // The name of the file itself is left out: with a suffix it could become too long for the file system.
        let name = ".tinygpt-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
        return "\(ParentFolder.path(of: path))/\(name)"
    }

    /// Makes the renaming itself survive a power failure. Some file systems cannot, and the file is complete either way,
    /// so a failure here is none of the caller's.
    private static func synchronizeFolder(of path: String) {
        let descriptor = open(ParentFolder.path(of: path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }
}
