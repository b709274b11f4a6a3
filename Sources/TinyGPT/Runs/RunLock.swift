import Foundation

/// The right to write to a run, which one process has at a time; readers need none.
///
/// It is a lock of the operating system (`flock`) on the file `.lock` in the run's folder, so it ends with the process, however
/// that ends.
///
/// Over NFS, Linux turns it into a lock of the server, so that it also holds against other machines, unless the folder is
/// mounted with `nolock` or `local_lock`: then it holds on each machine by itself. A machine that the server has not heard of
/// for the time of a lease, 90 seconds by default, loses its locks silently. Where the file system has no locks at all,
/// ``isEnforced`` is false.
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
    ///   - isNew: Whether a run begins here: then the folder must still be one where it can, since another process could have
    ///     used it before the lock was taken, and what a run without a checkpoint has left is removed.
    /// - Throws: ``TinyGPTError/runInUse(_:)``, ``TinyGPTError/runExists(_:)`` or ``TinyGPTError/cannotCreate(_:reason:)``.
    public init(_ folder: RunFolder, isNew: Bool = false) throws {
        let path = FileStatus.path(of: Self.fileName, in: folder.path)
        let descriptor = retryingInterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
        self.descriptor = descriptor
        if descriptor < 0 { throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno)) }
        isEnforced = retryingInterrupted { flock(descriptor, LOCK_EX | LOCK_NB) } == 0
        if !isEnforced, errno == EWOULDBLOCK { throw TinyGPTError.runInUse(folder.path) }
        if !Self.isFile(descriptor, at: path) {
            // The process that held the lock has removed the folder, and this file with it.
            throw TinyGPTError.cannotCreate(path, reason: "another process has removed it")
        }
        if isNew {
            let canBegin: Bool
            do { canBegin = try folder.canBegin() } catch {
                // While it is held: a process that opened the file before is refused, one that comes later makes its own.
                unlink(path)
                throw error
            }
            guard canBegin else { throw TinyGPTError.runExists(folder.path) }
            try folder.clear()
        }
        for place in [folder.path, folder.snapshotsPath] where isEnforced {
            guard case .success(let names) = FileStatus.contents(of: place) else { continue }
            for name in names where AtomicFile.isLeftOver(name) { unlink(FileStatus.path(of: name, in: place)) }
        }
    }

    deinit { close(descriptor) }

    /// Whether an open file is still the one at a path.
    private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        var (mine, there) = (stat(), stat())
        return fstat(descriptor, &mine) == 0 && stat(path, &there) == 0
            && mine.st_dev == there.st_dev && mine.st_ino == there.st_ino
    }
}
