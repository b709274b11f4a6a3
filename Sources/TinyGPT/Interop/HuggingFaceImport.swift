import Foundation

/// Reads a folder that ``HuggingFaceExport`` wrote, or that was trained or edited in `transformers` since.
public enum HuggingFaceImport {
    /// The model and what its tokens mean.
    ///
    /// - Parameter path: The folder.
    /// - Returns: A model whose parameters learn, and its vocabulary.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, or ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be
    ///   represented here: another architecture, learned positions, tokens that are not single characters.
    public static func read(_ path: String) throws -> (model: GPT, vocabulary: Vocabulary) {
        let vocabulary = try vocabulary("\(path)/\(HuggingFaceFolder.tokenizerFile)")
        let file = try HuggingFaceConfiguration(path: "\(path)/\(HuggingFaceFolder.configurationFile)")
        let type: String? = try file.optional("model_type", "gpt2 or qwen3")
        let formats: [any HuggingFaceFormat.Type] = [GPT2Format.self, Qwen3Format.self]
        guard let format = formats.first(where: { $0.modelType == type }) else {
            throw file.refuse("model_type", "gpt2 or qwen3")
        }
        let configuration = try format.configuration(file, vocabulary: vocabulary.count)
        do { try configuration.validate() } catch let error as TinyGPTError {
            throw TinyGPTError.badFile(path, problem: "cannot be imported: \(error.description)")
        }
        let source = try HuggingFaceTensors(path: "\(path)/\(HuggingFaceFolder.weightsFile)")
        return (try format.model(configuration, source), vocabulary)
    }

    private static func vocabulary(_ path: String) throws -> Vocabulary {
        func refuse(_ got: String) -> TinyGPTError {
            .badFile(
                path,
                problem: "is not a tokenizer of one character per token, as an export has it: it has \(got), "
                    + "which cannot be imported")
        }
        let bytes = try InputFile(path: path).readToEnd()
        guard let model = try? JSONDecoder().decode(HuggingFaceTokenizer.Stored.self, from: Data(bytes)).model else {
            throw refuse("no model")
        }
        guard let words = model.vocab else { throw refuse("a vocabulary of the kind '\(model.type ?? "none")'") }
        if let long = words.first(where: { $0.text.unicodeScalars.count != 1 }) {
            throw refuse("the token '\(long.text)'")
        }
        return try Vocabulary(characters: words.flatMap { Array($0.text.unicodeScalars) }, from: path)
    }
}
