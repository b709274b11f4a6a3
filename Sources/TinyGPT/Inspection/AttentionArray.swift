/// The attention weights of some or all heads as one array of 32-bit floats.
public struct AttentionArray {
    /// Shape: (layers, heads, T, T), without the axes along which one was chosen.
    public let tensor: Safetensors.StoredTensor
    /// The text and its tokens, and the selected layer and head, if one was selected.
    private let metadata: [String: String]

    /// Copies weights from a trace.
    ///
    /// - Parameters:
    ///   - trace: The model's run on a text.
    ///   - layer: The only layer, counted from 0; nil for all.
    ///   - head: The only head of each layer, counted from 0; nil for all.
    ///   - vocabulary: The model's vocabulary, which turns tokens into characters.
    /// - Precondition: The model has this layer and head.
    public init(_ trace: ModelTrace, layer: Int?, head: Int?, vocabulary: Vocabulary) {
        let layers = layer.map { [$0] } ?? Array(trace.attention.indices)
        let count = trace.tokens.count
        let values = layers.flatMap { layer in
            let all = trace.attention[layer].values
            return head.map { Array(all[$0 * count * count..<($0 + 1) * count * count]) } ?? all
        }
        let axes = (layer == nil ? [layers.count] : []) + (head == nil ? [trace.heads] : [])
        tensor = .init(shape: axes + [count, count], values: values)
        var metadata = [
            "characters": vocabulary.decode(trace.tokens),
            "tokens": trace.tokens.map(String.init).joined(separator: " "),
        ]
        metadata["layer"] = layer.map(String.init)
        metadata["head"] = head.map(String.init)
        self.metadata = metadata
    }

    /// Writes the array as a `.npy` file.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func writeNumPy(to path: String) throws { try NumPyFile.write(tensor, to: path) }

    /// Writes the array, named `attention`, as a `.safetensors` file.
    ///
    /// Its metadata say what it holds: `characters`, the text; `tokens`, their numbers with spaces between them; and
    /// `layer` and `head` where one was chosen.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func writeSafetensors(to path: String) throws {
        try Safetensors(metadata: metadata, tensors: ["attention": tensor]).write(to: path)
    }
}
