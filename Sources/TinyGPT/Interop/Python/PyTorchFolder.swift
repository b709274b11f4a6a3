import EmbeddedTexts

/// A model as a folder for those who go on in plain PyTorch: its weights under their own names, `model.py`, the model as a
/// module that has them, and `sample.py`, which writes text with it. Every model fits, also one with tables of n-grams.
public enum PyTorchFolder {
    private static let folder = PythonFolder(
        layout: TensorLayout(blocks: "blocks", parts: [:], isTransposed: true),
        scripts: { [("model.py", script(of: $0)), ("sample.py", Array(sampleProgram().utf8))] })

    /// `model.py` of a model: its own architecture, and no line for a part that it lacks.
    private static func script(of configuration: GPT.Configuration) -> [UInt8] {
        let architecture =
            switch configuration.architecture {
            case .classic: classicModel()
            case .modern: modernModel()
            }
        let tables = configuration.tables == .none ? [] : [modelTables()]
        let all = ([modelOpening(), architecture] + tables + [modelGPT()]).flatMap(\.utf8)
        // A line of a part that not every model has ends with the part's name as a comment.
        let parts = [
            "  # bigrams": configuration.tables.orders.contains(2),
            "  # trigrams": configuration.tables.orders.contains(3),
            "  # head": !configuration.tied, "  # tied": configuration.tied,
        ]
        let lines = String(decoding: all, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let kept = lines.compactMap { line -> Substring? in
            guard let (end, isThere) = parts.first(where: { line.hasSuffix($0.key) }) else { return line }
            return isThere ? line.dropLast(end.count) : nil
        }
        return Array(kept.joined(separator: "\n").utf8)
    }

    /// Writes a model as a folder, whole or not at all. Its weights are copied one at a time.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - checkpoint: Its vocabulary; weights in it are not looked at.
    ///   - path: The folder; it must not be there, or be empty.
    /// - Throws: ``TinyGPTError/folderNotEmpty(_:)``, ``TinyGPTError/modelDiverged`` if logits are not finite,
    ///   ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public static func write(_ model: GPT, of checkpoint: Checkpoint, to path: String) throws {
        try folder.write(model, of: checkpoint, to: path)
    }

    /// Reads such a folder, whose weights may have been trained or edited since.
    ///
    /// - Parameter path: The folder.
    /// - Returns: A model whose parameters learn, and its vocabulary.
    /// - Throws: ``TinyGPTError/missingFile(_:)`` or ``TinyGPTError/badFile(_:problem:)``.
    public static func read(_ path: String) throws -> (model: GPT, vocabulary: Vocabulary) { try folder.read(path) }
}
