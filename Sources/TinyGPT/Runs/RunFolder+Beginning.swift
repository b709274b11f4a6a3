import Foundation

/// Where a run can begin: an empty folder, or one whose run ended before its first checkpoint.
extension RunFolder {
    /// Whether a run began here and made no step that a checkpoint holds, so that beginning it again loses nothing.
    ///
    /// Recognized by its configuration, the absence of the last checkpoint, which comes after the best one, and of every
    /// later step; a folder with any other file in it is left alone.
    public var isUnsaved: Bool {
        guard let contents = try? contents(), contents.contains(name(of: configurationPath)),
            (try? RunConfiguration(path: configurationPath)) != nil
        else { return false }
        let begun = [configurationPath, metricsPath, probePath, samplesPath, bestCheckpointPath].map(name(of:))
        guard contents.allSatisfy({ begun.contains($0) || Self.isOverhead($0) }) else { return false }
        if hasBestCheckpoint, (try? Checkpoint(path: bestCheckpointPath, for: .inference))?.progress.step != 0 {
            return false
        }
        return FileStatus.type(at: metricsPath) == nil || MetricsLog.hasNoLaterStep(metricsPath)
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
        for path in [metricsPath, probePath, samplesPath, bestCheckpointPath] where FileStatus.type(at: path) != nil {
            if unlink(path) != 0 { throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno)) }
        }
        AtomicFile.synchronizeFolder(path)
    }

    /// The names of everything in the folder.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    func contents() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: FileStatus.absolute(path))
        } catch {
            throw TinyGPTError.cannotCreate(path, reason: "the folder exists but cannot be read")
        }
    }

    /// Whether a file is of no run: a lock, or what a killed process was writing.
    private static func isOverhead(_ name: String) -> Bool {
        name == RunLock.fileName || AtomicFile.isTemporary(name)
    }

    private func name(of path: String) -> String { (path as NSString).lastPathComponent }
}
