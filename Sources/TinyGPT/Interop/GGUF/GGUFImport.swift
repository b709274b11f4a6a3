/// Reads a file that ``GGUFExport`` wrote.
public enum GGUFImport {
    /// The model and what its tokens mean; of a file of 32-bit floats the same to the bit.
    ///
    /// - Parameter path: The file.
    /// - Returns: A model whose parameters learn, and its vocabulary.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/notEnoughMemory(for:needed:available:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be represented here: another architecture, other positions,
    ///   tokens that are not single characters.
    public static func read(_ path: String) throws -> (model: GPT, vocabulary: Vocabulary) {
        var file = try GGUFReader.read(path)
        let (vocabulary, leadBytes) = try GGUFVocabulary.read(file, path: path)
        let (format, configuration) = try GGUFFormat.read(
            file, vocabulary: vocabulary.count, hasLeadBytes: leadBytes > 0, path: path)
        if leadBytes > 0 { try NeverWrittenTokens.remove(from: &file, configuration, path: path) }
        return (try format.layout.model(configuration, ImportedTensors(file.tensors, path: path)), vocabulary)
    }
}
