import Autograd
import Foundation
import Layers

/// Reads a folder that ``HuggingFaceExport`` wrote, or that was trained or edited in `transformers` since.
public enum HuggingFaceImport {
    /// The model and what its tokens mean.
    ///
    /// - Parameter path: The folder.
    /// - Returns: A model whose parameters learn, and its vocabulary.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, or ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be
    ///   represented here: another architecture, learned positions, tokens that are not single characters.
    public static func read(_ path: String) throws -> (model: GPT, vocabulary: Vocabulary) {
        let vocabulary = try vocabulary("\(path)/\(HuggingFaceFormat.tokenizerFile)")
        let weightsPath = "\(path)/\(HuggingFaceFormat.weightsFile)"
        let configuration = try configuration("\(path)/\(HuggingFaceFormat.configurationFile)", vocabulary)
        do { try configuration.validate() } catch let error as TinyGPTError {
            throw TinyGPTError.badFile(path, problem: "cannot be imported: \(error.description)")
        }
        let weights = try Safetensors.read(from: weightsPath)
        let source = TensorSource(path: weightsPath, tensors: weights.tensors)
        try source.checkPositions(configuration)
        var sizes = configuration
        sizes.bias = source.hasBiases
        let model = try GPT(
            sizes,
            parameters: ParameterList<any Error> { name, shape, _ in
                .parameter(try source.values(HuggingFaceFormat.name(of: name), shape), shape: shape)
            })
        try source.checkForUnused(hasBiases: sizes.bias)
        return (model, vocabulary)
    }

    private static func object(_ path: String) throws -> [String: Any] {
        let bytes = try InputFile(path: path).readToEnd()
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw TinyGPTError.badFile(path, problem: "is not a JSON object; the folder is damaged or something else")
        }
        return object
    }

    private static func configuration(_ path: String, _ vocabulary: Vocabulary) throws -> GPT.Configuration {
        let values = try object(path)
        func refuse(_ key: String, _ expected: String) -> TinyGPTError {
            let got = values[key].map { "\($0)" } ?? "nothing"
            return .badFile(path, problem: "cannot be imported: '\(key)' is \(got), expected \(expected)")
        }
        func integer(_ key: String) throws -> Int {
            guard let value = values[key] as? Int, value > 0 else { throw refuse(key, "a positive whole number") }
            return value
        }
        /// The value of a key that may be absent or null, but not of another type.
        func optional<Value>(_ key: String, _ expected: String, as type: Value.Type = Value.self) throws -> Value? {
            guard let value = values[key], !(value is NSNull) else { return nil }
            guard let typed = value as? Value else { throw refuse(key, expected) }
            return typed
        }
        guard values["model_type"] as? String == "gpt2" else { throw refuse("model_type", "gpt2") }
        let activation = try optional("activation_function", "gelu_new") ?? "gelu_new"
        guard ["gelu_new", "gelu_pytorch_tanh"].contains(activation) else {
            throw refuse("activation_function", "gelu_new")
        }
        let epsilon = try optional("layer_norm_epsilon", "1e-05") ?? 1e-5
        guard abs(epsilon - 1e-5) < 1e-12 else { throw refuse("layer_norm_epsilon", "1e-05") }
        let width = try integer("n_embd")
        let (widened, overflows) = width.multipliedReportingOverflow(by: 4)
        guard !overflows else { throw refuse("n_embd", "a smaller number") }
        if let inner = try optional("n_inner", "\(widened)", as: Int.self), inner != widened {
            throw refuse("n_inner", "\(widened)")
        }
        guard try optional("scale_attn_weights", "true") ?? true else { throw refuse("scale_attn_weights", "true") }
        guard try optional("scale_attn_by_inverse_layer_idx", "false") != true else {
            throw refuse("scale_attn_by_inverse_layer_idx", "false")
        }
        guard try integer("vocab_size") == vocabulary.count else { throw refuse("vocab_size", "\(vocabulary.count)") }
        let rates = try ["resid_pdrop", "embd_pdrop", "attn_pdrop"].map { try optional($0, "a number") ?? 0.1 }
        guard Set(rates).count == 1 else { throw refuse("attn_pdrop", "the same rate as resid_pdrop and embd_pdrop") }
        return GPT.Configuration(
            vocabulary: vocabulary.count, layers: try integer("n_layer"), heads: try integer("n_head"), width: width,
            context: try integer("n_positions"), dropout: Float(rates[0]),
            tied: try optional("tie_word_embeddings", "true or false") ?? true)
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

    /// The tensors of the folder by their names there.
    private final class TensorSource {
        let path: String
        let tensors: [String: Safetensors.StoredTensor]
        private var used: Set<String> = []

        init(path: String, tensors: [String: Safetensors.StoredTensor]) { (self.path, self.tensors) = (path, tensors) }

        func values(_ name: String, _ shape: Shape) throws -> [Float] {
            used.insert(name)
            guard let tensor = tensors[name] else {
                throw TinyGPTError.badFile(path, problem: "lacks the tensor '\(name)' of shape \(shape)")
            }
            guard tensor.shape == shape.array else {
                throw TinyGPTError.badFile(
                    path, problem: "has '\(name)' of shape \(tensor.shape), expected \(shape)")
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw TinyGPTError.badFile(path, problem: "has values in '\(name)' that are not finite numbers")
            }
            return tensor.values
        }

        /// Whether any bias is anything but zero.
        var hasBiases: Bool {
            tensors.contains { $0.key.hasSuffix(".bias") && $0.value.values.contains { $0 != 0 } }
        }

        /// Checks that the configuration accounts for every tensor: a layer or an output head that it leaves out would be lost.
        ///
        /// Not parameters are GPT-2's zero biases of a model without biases and the causal masks that older versions of
        /// `transformers` stored.
        func checkForUnused(hasBiases: Bool) throws {
            let unused = tensors.keys.filter { name in
                !used.contains(name) && !name.hasSuffix(".attn.bias") && !name.hasSuffix(".attn.masked_bias")
                    && (hasBiases || !name.hasSuffix(".bias"))
            }.sorted()
            guard let first = unused.first else { return }
            let others = unused.count > 1 ? " and \(unused.count - 1) more" : ""
            throw TinyGPTError.badFile(
                path,
                problem: "has the tensor '\(first.prefix(80))'\(others), which config.json does not account for: "
                    + "it describes another model")
        }

        /// Checks that the position table is the sinusoidal one. Its shape first: the file bounds the sizes, and the table of
        /// a hostile configuration could be of any size.
        func checkPositions(_ configuration: GPT.Configuration) throws {
            let actual = try values(HuggingFaceFormat.positions, [configuration.context, configuration.width])
            let expected = PositionalEncoding(context: configuration.context, width: configuration.width).table
            guard zip(actual, expected.values).allSatisfy({ abs($0 - $1) < 1e-6 }) else {
                throw TinyGPTError.badFile(
                    path,
                    problem:
                        "has positions '\(HuggingFaceFormat.positions)' that are not the scaled sinusoids, the only "
                        + "positions that can be imported; the table was trained or is another model's")
            }
        }
    }
}
