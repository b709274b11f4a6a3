/// A model as a folder for those who go on in plain PyTorch: its weights under their own names, and `model.py`, the model as a
/// module that has them. Every model fits, also one with tables of n-grams.
public enum PyTorchFolder {
    private static let folder = PythonFolder(
        layout: TensorLayout(blocks: "blocks", parts: [:], isTransposed: true),
        script: ("model.py", PackageResources.model_py))

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
