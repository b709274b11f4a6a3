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
        let vocabulary = try HuggingFaceTokenizer.read("\(path)/\(HuggingFaceFormat.tokenizerFile)")
        let weightsPath = "\(path)/\(HuggingFaceFormat.weightsFile)"
        let configuration = try HuggingFaceFormat.readConfiguration(
            "\(path)/\(HuggingFaceFormat.configurationFile)", vocabulary: vocabulary.count)
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
                problem: "has the tensor '\(first.excerpt)'\(others), which config.json does not account for: "
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
