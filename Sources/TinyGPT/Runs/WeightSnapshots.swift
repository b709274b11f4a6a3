import Foundation

/// The model of a run at its validations: the folder `snapshots` with a file for each, a checkpoint without the optimizer's
/// state.
///
/// A file is written after the checkpoints of its step. So nothing depends on it: a run goes on without one that cannot be
/// written, and a resumed run can write the one of its checkpoint.
public struct WeightSnapshots {
    /// The folder, which need not exist.
    let folder: String

    /// Those of a run. Nothing is looked at.
    public init(of run: RunFolder) { folder = run.snapshotsPath }

    /// The steps of which there is a file, in ascending order.
    public var steps: [Int] {
        names.compactMap(Self.step).sorted()
    }

    /// The file of a step.
    public func path(ofStep step: Int) -> String { FileStatus.path(of: "step-\(step).safetensors", in: folder) }

    /// The bytes of a file but for its header of a few kilobytes.
    public static func byteCount(_ configuration: GPT.Configuration) -> Int {
        configuration.parameterCount.multipliedOrMax(by: MemoryLayout<Float>.size)
    }

    /// The model of a step.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - checkpoint: A state of the same run.
    /// - Returns: The model.
    /// - Throws: ``TinyGPTError`` for a file that is missing, damaged, or of another model or step.
    public func model(ofStep step: Int, for checkpoint: Checkpoint) throws -> GPT {
        let path = path(ofStep: step)
        var snapshot = try Checkpoint(path: path, for: .inference)
        guard snapshot.configuration == checkpoint.configuration, snapshot.vocabulary == checkpoint.vocabulary else {
            throw TinyGPTError.badFile(path, problem: "is of another model than the run's")
        }
        guard snapshot.progress.step == step else {
            throw TinyGPTError.badFile(path, problem: "is of step \(snapshot.progress.step), expected \(step)")
        }
        return try snapshot.takeModel()
    }

    /// Writes the file of a checkpoint's step.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``; no part of a file is left.
    func write(_ checkpoint: Checkpoint) throws {
        if mkdir(folder, 0o777) == 0 {
            AtomicFile.synchronizeFolder(FileStatus.parentFolder(of: folder))
        } else if errno != EEXIST {
            throw TinyGPTError.cannotCreate(folder, reason: FileStatus.reason(errno))
        }
        try checkpoint.withoutOptimizer.write(to: path(ofStep: checkpoint.progress.step))
    }

    /// Whether there is a file of a step, complete or not.
    func contains(_ step: Int) -> Bool { FileStatus.type(at: path(ofStep: step)) != nil }

    /// Removes the files after a step.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func drop(after step: Int) throws {
        for name in names where Self.step(of: name) ?? -1 > step {
            let path = FileStatus.path(of: name, in: folder)
            if unlink(path) != 0 { throw TinyGPTError.cannotWrite(path, reason: FileStatus.reason(errno)) }
        }
    }

    private var names: [String] {
        guard case .success(let names) = FileStatus.contents(of: folder) else { return [] }
        return names
    }

    /// The step in the name of a file; nil for the name of something else.
    private static func step(of name: String) -> Int? {
        guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
        let step = Int(name.dropFirst(5).dropLast(12))
        return step.flatMap { name == "step-\($0).safetensors" && $0 >= 0 ? $0 : nil }
    }
}
