import Foundation

/// Writes a model as a folder that `transformers` loads without code of ours.
public enum HuggingFaceExport {
    /// Writes the model of a checkpoint as a folder, whole or not at all.
    ///
    /// - Parameters:
    ///   - checkpoint: The model and its vocabulary.
    ///   - path: The folder; it must not be there, or be empty.
    /// - Throws: As ``write(_:of:to:)``, and ``TinyGPTError/badFile(_:problem:)`` for a damaged checkpoint.
    public static func write(_ checkpoint: Checkpoint, to path: String) throws {
        try write(checkpoint.model(), of: checkpoint, to: path)
    }

    /// Writes a model as a folder, whole or not at all. Its weights are copied one at a time.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - checkpoint: Its vocabulary and its training; weights in it are not looked at.
    ///   - path: The folder; it must not be there, or be empty.
    /// - Throws: ``TinyGPTError/folderNotEmpty(_:)``, ``TinyGPTError/tablesCannotBeExported``, ``TinyGPTError/modelDiverged`` if logits are not finite,
    ///   ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public static func write(_ model: GPT, of checkpoint: Checkpoint, to path: String) throws {
        guard model.configuration.tables == .none else { throw TinyGPTError.tablesCannotBeExported }
        let format = HuggingFaceFolder.format(of: model.configuration.architecture)
        let tensors = try format.layout.tensors(of: model)
        try AtomicFile.createFolder(at: path) { folder in
            func write(_ value: some Encodable, to name: String) throws {
                try AtomicFile.write(try JSONEncoder.text(of: value, .readable) + "\n", to: "\(folder)/\(name)")
            }
            try write(format.encoded(model.configuration), to: HuggingFaceFolder.configurationFile)
            try write(["do_sample": true], to: "generation_config.json")
            try write(HuggingFaceTokenizer(checkpoint.vocabulary), to: HuggingFaceFolder.tokenizerFile)
            try write(
                TokenizerConfiguration(model_max_length: model.configuration.context), to: "tokenizer_config.json")
            try Safetensors.write(
                tensors, metadata: ["format": "pt"], to: "\(folder)/\(HuggingFaceFolder.weightsFile)")
            try AtomicFile.write(card(checkpoint, model), to: "\(folder)/README.md")
        }
    }

    private struct TokenizerConfiguration: Encodable {
        let tokenizer_class = "PreTrainedTokenizerFast"
        let clean_up_tokenization_spaces = false
        let model_max_length: Int
    }

    private static func card(_ checkpoint: Checkpoint, _ model: GPT) -> String {
        let configuration = model.configuration
        let isClassic = configuration.architecture == .classic
        let kind = isClassic ? "GPT-2" : "Qwen3"
        let positions = isClassic ? " and whose position table holds scaled sinusoids" : ""
        let loss = checkpoint.progress.bestLoss.map { " Its validation loss was \($0) nats per character." } ?? ""
        return """
            # A character-level GPT

            \(model.parameterCount) parameters: \(configuration.layers) layers, \(configuration.heads) heads, width \(configuration.width), \
            context \(configuration.context) characters, a vocabulary of \(configuration.vocabulary). Trained by tinygpt for \
            \(checkpoint.progress.step) steps.\(loss)

            It is a \(kind) whose tokens are single characters\(positions):

            ```python
            from transformers import AutoModelForCausalLM, AutoTokenizer
            model, tokenizer = AutoModelForCausalLM.from_pretrained("."), AutoTokenizer.from_pretrained(".")
            prompt = tokenizer("\(example(checkpoint.vocabulary))", return_tensors="pt")
            print(tokenizer.decode(model.generate(**prompt, max_new_tokens=\(max(1, configuration.context - 1)))[0]))
            ```

            """
    }

    /// A character to begin with that needs no escaping.
    private static func example(_ vocabulary: Vocabulary) -> String {
        let letters = vocabulary.characters.filter { ("A"..."Z").contains($0) || ("a"..."z").contains($0) }
        return letters.first.map { String(Character($0)) } ?? ""
    }
}
