import Autograd
import Kernels
import Layers

/// Runs a model a character at a time on several texts of the same length, side by side.
///
/// Keys and values of the characters so far are kept, so a new one costs one row, for which nothing is allocated. A copy
/// shares them: only one of the two may go on.
struct IncrementalDecoder {
    /// The most characters of a text it can hold.
    let capacity: Int
    /// How many characters of each text it holds.
    private(set) var count = 0

    /// Whether to keep what the heads look at.
    var keepsAttention = false
    /// What each head of each layer looked at when the last character of the first text was read, if that is kept.
    ///
    /// Shape: (layers, heads, characters held)
    private(set) var attention: [[[Float]]] = []

    private let model: GPT
    private let blocks: [BlockDecoder]
    private let decoderStep: DecoderStep
    /// The table of positions, a row each. Shape: (C)
    private let positions: [Buffer]
    /// The characters on their way through the model. Shape: (N, C)
    private let h: Buffer
    /// Shape: (N, V)
    private let output: Buffer
    private let texts: Int

    /// An empty decoder.
    ///
    /// - Parameters:
    ///   - model: The model, which must not learn meanwhile: keys and values of what was read would not follow.
    ///   - texts: How many texts there are.
    /// - Throws: Nothing for a model that could be made.
    init(_ model: GPT, texts: Int) throws {
        let model = try model.frozen
        let (width, heads, context) =
            (model.configuration.width, model.configuration.heads, model.configuration.context)
        self.model = model
        self.texts = texts
        capacity = context
        let sizes = AttentionShape(batch: texts, heads: heads, time: context, headWidth: width / heads)
        blocks = model.blocks.map { BlockDecoder($0, sizes) }
        let vocabulary = model.configuration.vocabulary
        h = Buffer(uninitialized: texts * width)
        output = Buffer(uninitialized: texts * vocabulary)
        decoderStep = DecoderStep(
            blocks.map(\.step), norm: model.norm.step,
            head: LinearStep(Matrix(model.head.buffer, rows: vocabulary, columns: width).transposed), sizes, h: h,
            logits: output)
        positions = (0..<context).map { model.positions.table.prefix(from: $0, count: 1).buffer }
    }

    /// Computes the logits of the character after each passage; what was held before is forgotten.
    ///
    /// Shape: (N, T), row after row -> (N, V)
    mutating func read(_ tokens: [Int32], logits: inout [[Float]]) {
        let time = tokens.count / texts
        precondition(time > 0 && time <= capacity, "\(time) characters in a decoder for \(capacity)")
        var h = model.embed(tokens, batch: texts)
        attention = []
        for block in blocks {
            h = block.read(h) { queryKeyValue in
                guard keepsAttention else { return }
                let heads = model.configuration.heads
                let values = queryKeyValue.causalSelfAttentionWeights(heads: heads).weights.values
                // The last row of each head's (T, T) weights.
                attention.append((1...heads).map { Array(values[($0 * time - 1) * time..<$0 * time * time]) })
            }
        }
        count = time
        let last = (1...texts).map { Int32($0 * time - 1) }
        let width = model.configuration.width
        copy(model.logits(h.reshaped([texts * time, width]).rows(last, shape: [texts])).buffer, into: &logits)
    }

    /// Computes the logits of the character after one more of each text.
    ///
    /// Shape: (N) -> (N, V)
    mutating func step(_ tokens: [Int32], logits: inout [[Float]]) {
        precondition(tokens.count == texts && count < capacity, "no room for \(tokens.count) characters more")
        let width = model.configuration.width
        EmbeddingKernel.gather(model.embedding.weight.buffer, channels: width, indices: tokens, output: h)
        ElementwiseKernel.apply(.add, h, positions[count], output: h)
        decoderStep.run(position: count)
        if keepsAttention { attention = blocks.map { $0.lastWeights(position: count) } }
        count += 1
        copy(output, into: &logits)
    }

    private func copy(_ output: Buffer, into logits: inout [[Float]]) {
        for text in logits.indices { output.copy(from: text * logits[text].count, into: &logits[text]) }
    }
}
