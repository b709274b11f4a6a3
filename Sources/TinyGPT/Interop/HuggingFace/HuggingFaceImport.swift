import Foundation

/// Reads a folder that ``HuggingFaceExport`` wrote, or that was trained or edited in `transformers` since.
public enum HuggingFaceImport {
    /// The model and what its tokens mean.
    ///
    /// - Parameter path: The folder.
    /// - Returns: A model whose parameters learn, and its vocabulary.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/notEnoughMemory(for:needed:available:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be represented here: another architecture, learned
    ///   positions, tokens that are not single characters.
    public static func read(_ path: String) throws -> (model: GPT, vocabulary: Vocabulary) {
        let vocabulary = try HuggingFaceTokenizer.read("\(path)/\(HuggingFaceFolder.tokenizerFile)")
        let file = try HuggingFaceConfiguration(path: "\(path)/\(HuggingFaceFolder.configurationFile)")
        let formats = Architecture.allCases.map(HuggingFaceFolder.format)
        guard let format = formats.first(where: { file["model_type"] == .text($0.modelType) }) else {
            throw file.refuse("model_type", formats.map { "\"\($0.modelType)\"" }.joined(separator: " or "))
        }
        let configuration = try format.configuration(file, vocabulary: vocabulary.count)
        try configuration.validate(importedFrom: path)
        let source = try ImportedTensors(path: "\(path)/\(HuggingFaceFolder.weightsFile)")
        return (try format.layout.model(configuration, source), vocabulary)
    }
}
