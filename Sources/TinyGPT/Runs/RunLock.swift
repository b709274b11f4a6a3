import Foundation

/// The right to write to a run, which one process has at a time; readers need none.
///
/// It is a lock of the operating system (`flock`) on the file `.lock` in the run's folder, so it ends with the process, however
/// that ends. Linux extends it to the other machines that mount the folder over NFS.
public final class RunLock {
    /// The name of the lock's file, which stays in the folder.
    static let fileName = ".lock"

    /// Whether the file system has locks; if not, nothing keeps another process from writing to the run.
    public let isEnforced: Bool
    private let descriptor: Int32

    /// Takes the lock of a run, and removes temporary files that a killed process has left in its folder.
    ///
    /// - Parameters:
    ///   - folder: The run.
    ///   - isNew: Whether the folder must still be empty, since another process could have used it before the lock was taken.
    /// - Throws: ``TinyGPTError/runInUse(_:)``, ``TinyGPTError/runExists(_:)`` or ``TinyGPTError/cannotCreate(_:reason:)``.
    public init(_ folder: RunFolder, isNew: Bool = false) throws {
        let path = folder.path + "/" + Self.fileName
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno)) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            isEnforced = true
        } else if errno == EWOULDBLOCK {
            close(descriptor)
            throw TinyGPTError.runInUse(folder.path)
        } else {
            isEnforced = false
        }
        let contents = (try? FileManager.default.contentsOfDirectory(atPath: FileStatus.absolute(folder.path))) ?? []
        if isNew, contents.contains(where: { $0 != Self.fileName }) {
            close(descriptor)
            throw TinyGPTError.runExists(folder.path)
        }
        for name in contents where isEnforced && AtomicFile.isTemporary(name) { unlink(folder.path + "/" + name) }
    }

    deinit { close(descriptor) }
}
