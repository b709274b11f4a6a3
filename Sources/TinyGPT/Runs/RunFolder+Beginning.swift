import Foundation

/// Where a run can begin: an empty folder, or one whose run ended before its first checkpoint.
extension RunFolder {
    /// Whether a run began here and made no step, so that beginning it again loses nothing.
    ///
    /// Recognized by its configuration and the absence of a checkpoint after the initial state; its logs must be this
    /// program's and know of no later step. A folder with any other file in it is left alone.
    public var isUnsaved: Bool {
        guard let contents = try? contents(), contents.contains(FileStatus.name(of: configurationPath)),
            let configuration = try? RunConfiguration(path: configurationPath)
        else { return false }
        let begun = ([configurationPath] + initialFiles).map(FileStatus.name)
        guard contents.allSatisfy({ begun.contains($0) || Self.isOverhead($0) }) else { return false }
        if hasBestCheckpoint, (try? Checkpoint(path: bestCheckpointPath, for: .inference))?.progress.step != 0 {
            return false
        }
        return (FileStatus.type(at: metricsPath) == nil || MetricsLog.isOfInitialState(metricsPath))
            && (FileStatus.type(at: samplesPath) == nil || SamplesLog.isOfInitialState(samplesPath))
            && (!hasProbe || ProbeLog.isOfInitialState(probePath, configuration))
    }

    /// What a run writes before its first step, beside the configuration.
    private var initialFiles: [String] {
        [metricsPath, probePath, samplesPath, pagePath, bestCheckpointPath] + eventPaths
    }

    /// Whether nothing is here that a new run would overwrite.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` if that cannot be seen.
    func canBegin() throws -> Bool { try contents().allSatisfy(Self.isOverhead) || isUnsaved }

    /// Removes what a run that saved nothing has left. The configuration, by which it is recognized, stays until another
    /// takes its place.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    public func clear() throws {
        for path in initialFiles where FileStatus.type(at: path) != nil {
            if unlink(path) != 0 { throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno)) }
        }
        AtomicFile.synchronizeFolder(path)
    }

    /// The names of everything in the folder.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    func contents() throws -> [String] {
        switch FileStatus.contents(of: path) {
        case .success(let names): return names
        case .failure(let error):
            throw TinyGPTError.cannotCreate(path, reason: "the folder cannot be read: \(error.reason)")
        }
    }

    /// Whether a file is of no run: a lock, or what a killed process was writing.
    private static func isOverhead(_ name: String) -> Bool {
        name == RunLock.fileName || AtomicFile.isTemporary(name)
    }
}

/// A run that begins in a folder of its own.
public struct BegunRun {
    /// The folder, in which nothing is but the lock and perhaps the configuration of a run that saved nothing.
    public let folder: RunFolder
    /// What keeps other processes from writing to it.
    public let lock: RunLock
    /// Whether the folder was not there before.
    private let isCreated: Bool

    /// Creates the folder of a new run, or takes one in which a run can begin, and locks it. When that fails, a folder that was
    /// created is removed again.
    ///
    /// - Parameters:
    ///   - path: The folder; nil for a new one in the folder of all runs.
    ///   - text: The path or name of the text, for the name of a new one.
    /// - Throws: As ``RunFolder/create(at:)`` and ``RunLock/init(_:isNew:)``.
    public init(at path: String?, forText text: String) throws {
        isCreated = path.map { FileStatus.type(at: $0) == nil } ?? true
        folder = try path.map { try RunFolder.create(at: $0) } ?? RunFolder.create(forText: text)
        do { lock = try RunLock(folder, isNew: true) } catch {
            // Fails where another process came first, because the folder is not empty.
            if isCreated { rmdir(folder.path) }
            throw error
        }
    }

    /// Takes back what was begun: the configuration, the last checkpoint, and the folder if it was created for the run. Anything
    /// else stays.
    public func remove() {
        unlink(folder.configurationPath)
        unlink(folder.lastCheckpointPath)
        guard isCreated else { return }
        unlink(FileStatus.path(of: RunLock.fileName, in: folder.path))
        rmdir(folder.path)
    }
}
