import Autograd
import Kernels
import Layers

/// A model that reads several texts of the same length side by side, one more token of each at a time.
///
/// The prefill runs the forward pass on whole windows and stores their keys and values in a KV cache; a decode step then
/// costs one row per text, for which, without tables of n-grams, nothing is allocated.
final class CachedDecoder {
    /// The most tokens of a text it can hold: the model's context.
    var capacity: Int { model.configuration.context }
    /// Tokens of each text it holds.
    private(set) var count = 0

    /// The threads that took part in the last ``step(_:logits:)``.
    private(set) var threads = 0

    /// Whether to keep the attention weights of the last token.
    var keepsAttention = false
    /// The attention weights of the last token of the first text, if they are kept.
    ///
    /// Shape: (layers, H, tokens held)
    private(set) var attention: [[[Float]]] = []

    private let model: GPT
    private let caches: [KeyValueCache]
    private let program: CompiledDecodeProgram
    private let texts: Int
    /// The last tokens of each text, as many as n-grams reach back; empty without tables.
    private var recent: [[Int32]] = []

    /// An empty decoder.
    ///
    /// - Parameters:
    ///   - model: The model; it must not be trained meanwhile, because cached keys and values would not follow.
    ///   - texts: Texts side by side.
    ///   - weights: How decode steps read the weights; the prefill reads the model's own.
    init(_ model: GPT, texts: Int, weights: WeightFormat = .f32) {
        let configuration = model.configuration
        let (heads, context) = (configuration.heads, configuration.context)
        let shape = AttentionShape(
            batch: texts, heads: heads, time: context, headWidth: configuration.width / heads)
        self.model = model.frozen
        self.texts = texts
        caches = model.blocks.map { _ in KeyValueCache(shape) }
        let recorded = DecodeProgram(texts: texts, shards: heads, capacity: context, weights: weights)
        self.model.decode(caches, in: recorded)
        program = recorded.compiled()
    }

    /// Reads whole windows from their first token on, forgetting what was held before, and computes the logits of the
    /// tokens after them.
    ///
    /// Shape: tokens (B, T), row after row -> (B, V)
    func prefill(_ tokens: [Int32], logits: inout [[Float]]) {
        let time = tokens.count / texts
        precondition(time > 0 && time <= capacity, "\(time) tokens in a decoder for \(capacity)")
        let (heads, width) = (model.configuration.heads, model.configuration.width)
        attention = []
        let h = model.residualStream(tokens, batch: texts, .inference) { [self] layer, queryKeyValue, _ in
            caches[layer].fill(from: queryKeyValue.buffer, time: time)
            guard keepsAttention else { return }
            let weights = queryKeyValue.causalSelfAttentionWeights(heads: heads).weights.values
            // The last row of each head's (T, T) weights.
            attention.append((1...heads).map { Array(weights[($0 * time - 1) * time..<$0 * time * time]) })
        }
        count = time
        recent =
            model.tables.isEmpty
            ? [] : (1...texts).map { Array(tokens[$0 * time - min(2, time)..<$0 * time]) }
        let last = (1...texts).map { Int32($0 * time - 1) }
        copy(model.logits(h.reshaped([texts * time, width]).rows(last, shape: [texts])).buffer, into: &logits)
    }

    /// Reads one more token of each text, and computes the logits of the tokens after them.
    ///
    /// Shape: tokens (B) -> (B, V)
    func step(_ tokens: [Int32], logits: inout [[Float]]) {
        // Without tables nothing is allocated.
        threads = program.run(model.tables.isEmpty ? tokens : tokens + tableRows(of: tokens), position: count)
        count += 1
        if keepsAttention {
            attention = caches.map { cache in
                (0..<model.configuration.heads).map { cache.lastWeights(text: 0, head: $0, count: count) }
            }
        }
        copy(program.logits, into: &logits)
    }

    /// The row of each text's new token in each table of n-grams. Shape: (tables, B)
    private func tableRows(of tokens: [Int32]) -> [Int32] {
        recent = zip(recent, tokens).map { $0.suffix(2) + [$1] }
        return model.tables.flatMap { table in recent.map { table.rows(of: $0, length: $0.count).last! } }
    }

    private func copy(_ output: Buffer, into logits: inout [[Float]]) {
        for text in logits.indices { output.copy(from: text * logits[text].count, into: &logits[text]) }
    }
}
