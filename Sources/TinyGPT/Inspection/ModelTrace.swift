import Autograd
import Layers

/// A model's run on a text: the attention weights of every head, and the predictions after each layer.
public struct ModelTrace {
    /// The kind of model.
    public let architecture: Architecture
    /// The tokens of the text.
    public let tokens: [Int32]
    /// The attention weights of each layer: a row per query, a column per key.
    ///
    /// Shape: (H, T, T) for each layer; every row sums to 1.
    public let attention: [Tensor]
    /// Queries, keys and values of each layer as they enter the scores and the sums, side by side: in a modern model queries
    /// and keys are normalized and rotated. Shape: (T, 3C)
    public let queryKeyValue: [Tensor]
    /// The logarithm of the sum of the exponentials of every query's scores, in each layer. Shape: (H, T)
    public let logSums: [Tensor]
    /// The logit lens (nostalgebraist 2020): final norm and LM head applied to the residual stream after each layer. After the
    /// last one these are the model's own logits. Shape: (T, V)
    public let logits: [Tensor]

    /// Runs a model on a text. The attention weights are those of the kernel that training uses.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - tokens: The text, not empty and no longer than the model's context.
    /// - Throws: ``TinyGPTError/modelDiverged`` if its logits are not finite.
    public init(of model: GPT, on tokens: [Int32]) throws {
        let model = model.frozen
        let (count, width) = (tokens.count, model.configuration.width)
        self.tokens = tokens
        architecture = model.configuration.architecture
        var (attention, queryKeyValue, logSums, logits): ([Tensor], [Tensor], [Tensor], [Tensor]) = ([], [], [], [])
        let heads = model.configuration.heads
        _ = model.residualStream(tokens, batch: 1, .inference) { _, mixed, h in
            let seen = mixed.causalSelfAttentionWeights(heads: heads)
            attention.append(seen.weights.reshaped([heads, count, count]))
            logSums.append(seen.logSums.reshaped([heads, count]))
            queryKeyValue.append(mixed.reshaped([count, 3 * width]))
            logits.append(model.logits(h.reshaped([count, width])))
        }
        guard logits[logits.count - 1].values.allSatisfy(\.isFinite) else {
            throw TinyGPTError.modelDiverged
        }
        (self.attention, self.queryKeyValue, self.logSums, self.logits) = (attention, queryKeyValue, logSums, logits)
    }

    /// H, the attention heads of each layer.
    public var heads: Int { attention[0].shape[0] }
    /// D, the channels of each head.
    var headWidth: Int { queryKeyValue[0].shape[-1] / 3 / heads }

    /// The attention weights of one head: a row per query, 0 for keys after it.
    ///
    /// Shape: -> (T, T)
    ///
    /// - Precondition: The model has this layer and head.
    public func weights(layer: Int, head: Int) -> [[Float]] {
        let count = tokens.count
        let values = attention[layer].values
        return (0..<count).map { Array(values[(head * count + $0) * count..<(head * count + $0 + 1) * count]) }
    }

    /// The probability of every character of the vocabulary to follow each character, by the logit lens after a layer.
    ///
    /// Shape: -> (T, V)
    ///
    /// - Parameter layer: The layer; nil for the last one, whose prediction is the model's own.
    /// - Returns: A row of probabilities for each character, which sums to 1.
    public func expectations(afterLayer layer: Int? = nil) -> [[Float]] {
        let logits = logits[layer ?? logits.count - 1]
        let (rows, classes) = logits.shape2
        let values = logits.softmax().values
        return (0..<rows).map { Array(values[$0 * classes..<($0 + 1) * classes]) }
    }

    /// The vocabulary with the probability of each character to come next, most likely first.
    public var likeliestNext: [(token: Int32, probability: Float)] {
        Self.likeliest(expectations()[tokens.count - 1])
    }

    /// Characters by their probability, most likely first.
    static func likeliest(_ probabilities: [Float]) -> [(token: Int32, probability: Float)] {
        probabilities.enumerated().map { (Int32($0.offset), $0.element) }
            .sorted { ($1.probability, $0.token) < ($0.probability, $1.token) }
    }
}
