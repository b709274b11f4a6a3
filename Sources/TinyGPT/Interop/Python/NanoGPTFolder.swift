import EmbeddedTexts

/// A model as a folder with the names and the layout of nanoGPT's class `GPT`, and a script that makes nanoGPT's checkpoint of it.
///
/// That class is a classic model whose head is its embedding. Its GELU is the exact one, where this program has GPT-2's
/// approximation by a hyperbolic tangent, so probabilities differ by up to 1e-3.
public enum NanoGPTFolder {
    private static let folder = PythonFolder(
        layout: TensorLayout(
            blocks: GPT2Format.layout.blocks, parts: GPT2Format.layout.parts, isTransposed: true,
            positions: GPT2Format.layout.positions),
        scripts: { _ in [("make_checkpoint.py", Array(checkpointProgram().utf8))] })

    /// Writes a model as a folder, whole or not at all. Its weights are copied one at a time.
    ///
    /// - Parameters:
    ///   - model: A classic, tied model without tables of n-grams.
    ///   - checkpoint: Its vocabulary; weights in it are not looked at.
    ///   - path: The folder; it must not be there, or be empty.
    /// - Throws: ``TinyGPTError/notForNanoGPT(reason:)`` for another model, ``TinyGPTError/folderNotEmpty(_:)``,
    ///   ``TinyGPTError/modelDiverged`` if logits are not finite, ``TinyGPTError/cannotCreate(_:reason:)`` or
    ///   ``TinyGPTError/cannotWrite(_:reason:)``.
    public static func write(_ model: GPT, of checkpoint: Checkpoint, to path: String) throws {
        if let reason = reasonAgainst(model.configuration) { throw TinyGPTError.notForNanoGPT(reason: reason) }
        try folder.write(model, of: checkpoint, to: path)
    }

    /// Reads such a folder.
    ///
    /// - Parameter path: The folder.
    /// - Returns: A model whose parameters learn, and its vocabulary.
    /// - Throws: ``TinyGPTError/missingFile(_:)`` or ``TinyGPTError/badFile(_:problem:)``, also for positions that nanoGPT has
    ///   trained.
    public static func read(_ path: String) throws -> (model: GPT, vocabulary: Vocabulary) {
        let result = try folder.read(path)
        if let reason = reasonAgainst(result.model.configuration) {
            throw TinyGPTError.badFile(path, problem: "cannot be imported: \(reason)")
        }
        return result
    }

    /// Why a model is none of nanoGPT's; nil if it is one.
    private static func reasonAgainst(_ configuration: GPT.Configuration) -> String? {
        if configuration.architecture != .classic { return "nanoGPT's model is a GPT-2, this one is modern" }
        if configuration.tables != .none { return "nanoGPT's model has no place for tables of n-grams" }
        if !configuration.tied {
            return "in nanoGPT's model the output head is the embedding, in this one it is a matrix of its own"
        }
        return nil
    }
}
