import TinyGPT

/// The checkpoint that a command's RUN and `--checkpoint` mean.
struct StoredModel {
    let folder: RunFolder
    let checkpoint: Checkpoint
    let model: GPT

    init(_ arguments: ParsedArguments) throws {
        try self.init(run: arguments.positionals.first, checkpoint: arguments.text("checkpoint"))
    }

    /// A run, nil for the newest, and `best`, `last` or nil for the better of those that are there.
    init(run: String?, checkpoint choice: String?) throws {
        folder = try RunFolder.find(run)
        checkpoint = try Checkpoint(path: try Self.path(in: folder, choice))
        model = try checkpoint.model()
    }

    private static func path(in folder: RunFolder, _ choice: String?) throws -> String {
        let (best, last) = (folder.bestCheckpointPath, folder.lastCheckpointPath)
        switch choice {
        case "best": return best
        case "last": return last
        default: return folder.hasBestCheckpoint ? best : last
        }
    }

    /// The tokens of a text, all of whose characters the model must know.
    func encode(_ text: String) throws -> [Int32] { try checkpoint.vocabulary.encode(text.unicodeScalars) }
}
