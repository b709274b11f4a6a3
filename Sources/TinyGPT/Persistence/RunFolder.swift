import Foundation

/// The folder that holds everything of one run; it can be copied to another machine and used there.
public struct RunFolder: Equatable, Sendable {
    /// Where runs are unless somebody says otherwise.
    public static let defaultBase = "runs"

    /// The folder, as given or found.
    public let path: String

    /// The folder's own name, which finds it again when it is among the other runs.
    public var name: String { URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent }

    /// Every setting of the run.
    public var configurationPath: String { file("config.json") }
    /// The losses, one row at a time.
    public var metricsPath: String { file("metrics.csv") }
    /// The state after the last step saved, from which training goes on.
    public var lastCheckpointPath: String { file("checkpoint-last.safetensors") }
    /// The state with the lowest validation loss.
    public var bestCheckpointPath: String { file("checkpoint-best.safetensors") }
    /// The attention on one text at every validation, if that was asked for.
    public var probePath: String { file("probe.jsonl") }
    /// What the model wrote along the way.
    public var samplesPath: String { file("samples.txt") }

    /// Takes a folder as a run, whatever is in it.
    public init(path: String) {
        self.path = path
    }

    /// When a checkpoint was last saved; `nil` when there is none.
    public var checkpointDate: Date? {
        [lastCheckpointPath, bestCheckpointPath].compactMap { checkpoint in
            let attributes = try? FileManager.default.attributesOfItem(atPath: checkpoint)
            return attributes?[.modificationDate] as? Date
        }.max()
    }

    /// Whether a state with the lowest validation loss is there.
    public var hasBestCheckpoint: Bool { FileManager.default.fileExists(atPath: bestCheckpointPath) }

    /// Whether the attention on a text was kept.
    public var hasProbe: Bool { FileManager.default.fileExists(atPath: probePath) }

    private func file(_ name: String) -> String {
        (path as NSString).appendingPathComponent(name)
    }
}
