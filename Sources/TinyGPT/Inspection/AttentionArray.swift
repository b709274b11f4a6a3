/// The weights of some or all heads as one array, exactly as the model has them.
public struct AttentionArray {
    /// Shape: (layers, heads, T, T), without the axes along which one was chosen.
    public let tensor: Safetensors.StoredTensor
    private let characters: String

    /// Takes weights out of a trace.
    ///
    /// - Parameters:
    ///   - trace: What happened in the model.
    ///   - heads: Heads of each layer.
    ///   - layer: Only this layer; nil for all.
    ///   - head: Only this head of each layer; nil for all.
    ///   - vocabulary: What the tokens mean.
    public init(_ trace: ModelTrace, heads: Int, layer: Int?, head: Int?, vocabulary: Vocabulary) {
        let layers = layer.map { [$0] } ?? Array(trace.attention.indices)
        let count = trace.tokens.count
        let values = layers.flatMap { layer in
            let all = trace.attention[layer].values
            return head.map { Array(all[$0 * count * count..<($0 + 1) * count * count]) } ?? all
        }
        let axes = (layer == nil ? [layers.count] : []) + (head == nil ? [heads] : [])
        tensor = .init(shape: axes + [count, count], values: values)
        characters = vocabulary.decode(trace.tokens)
    }

    /// Writes the array as a `.npy` file.
    ///
    /// - Throws: `.cannotCreate` or `.inputOutput`.
    public func writeNumPy(to path: String) throws { try NumPyFile.write(tensor, to: path) }

    /// Writes the array, named `attention`, and the text, in the metadata under `characters`, as a `.safetensors` file.
    ///
    /// - Throws: `.cannotCreate` or `.inputOutput`.
    public func writeSafetensors(to path: String) throws {
        try Safetensors(metadata: ["characters": characters], tensors: ["attention": tensor]).write(to: path)
    }
}
