import Autograd
import Layers

/// Where every head of a model looks on a text.
public struct AttentionMap {
    /// The characters looked at.
    public let tokens: [Int32]
    /// The weights of each layer: how much every character (row) takes from every one before it and itself (column).
    ///
    /// Shape: (H, T, T) for each layer; every row sums to 1.
    public let layers: [Tensor]
    /// The probability of every character of the vocabulary to come next.
    public let next: [Float]

    /// Runs a model on a text and keeps the weights, which are those of the kernel that training uses.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - tokens: The text, not empty and no longer than the model's context.
    /// - Throws: Nothing for a model that could be made.
    public init(of model: GPT, on tokens: [Int32]) throws {
        let model = try model.frozen
        let count = tokens.count
        self.tokens = tokens
        var layers: [Tensor] = []
        var h = model.embed(tokens, batch: 1)
        for block in model.blocks {
            h = block(h, .inference) { queryKeyValue in
                let weights = queryKeyValue.causalSelfAttentionWeights(heads: block.attention.heads)
                layers.append(weights.reshaped([block.attention.heads, count, count]))
            }
        }
        self.layers = layers
        next =
            model.logits(h.reshaped([count, model.configuration.width])).rows([Int32(count - 1)], shape: [])
            .softmax().values
    }

    /// The weights of one head, row after row.
    ///
    /// Shape: (T, T)
    public func weights(layer: Int, head: Int) -> [[Float]] {
        let count = tokens.count
        let values = layers[layer].values
        return (0..<count).map { Array(values[(head * count + $0) * count..<(head * count + $0 + 1) * count]) }
    }

    /// The vocabulary with the probability of each character to come next, most likely first.
    public var likeliestNext: [(token: Int32, probability: Float)] {
        next.enumerated().map { (Int32($0.offset), $0.element) }
            .sorted { ($1.probability, $0.token) < ($0.probability, $1.token) }
    }
}
