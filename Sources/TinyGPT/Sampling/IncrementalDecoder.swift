import Autograd
import Kernels
import Layers

/// Runs a model a character at a time on several texts of the same length, side by side.
///
/// Keys and values of the characters so far are kept, so a new one costs one row. Nothing is allocated per character.
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
    private let workspace: BlockDecoder.Workspace
    /// The table of positions, a row each. Shape: (C)
    private let positions: [Buffer]
    /// The characters on their way through the model. Shape: (N, C)
    private let h: Buffer, normalised: Buffer
    /// Shape: (N, V)
    private let output: Buffer
    private let texts: Int

    /// An empty decoder.
    ///
    /// - Parameters:
    ///   - model: The model; what it learns later, the decoder sees too.
    ///   - texts: How many texts there are.
    /// - Throws: Nothing for a model that could be made.
    init(_ model: GPT, texts: Int) throws {
        let model = try model.frozen
        let (width, context) = (model.configuration.width, model.configuration.context)
        self.model = model
        self.texts = texts
        capacity = context
        blocks = model.blocks.map { BlockDecoder($0, texts: texts, width: width, context: context) }
        workspace = .init(texts: texts, width: width, heads: model.configuration.heads, context: context)
        positions = (0..<context).map { model.positions.table.prefix(from: $0, count: 1).buffer }
        h = Buffer(uninitialized: texts * width)
        normalised = Buffer(uninitialized: texts * width)
        output = Buffer(uninitialized: texts * model.configuration.vocabulary)
    }

    /// The logits of the character after each passage; what was held before is forgotten.
    ///
    /// Shape: (N, T), row after row -> (N, V)
    mutating func read(_ tokens: [Int32]) -> [Float] {
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
        return model.logits(h.reshaped([texts * time, width]).rows(last, shape: [texts])).values
    }

    /// The logits of the character after one more of each text.
    ///
    /// Shape: (N) -> (N, V)
    mutating func step(_ tokens: [Int32]) -> [Float] {
        precondition(tokens.count == texts && count < capacity, "no room for \(tokens.count) characters more")
        let width = model.configuration.width
        EmbeddingKernel.gather(model.embedding.weight.buffer, channels: width, indices: tokens, output: h)
        ElementwiseKernel.apply(.add, h, positions[count], output: h)
        attention = []
        for block in blocks {
            block.step(h, position: count, workspace)
            if keepsAttention { attention.append(block.lastWeights(workspace, position: count)) }
        }
        count += 1
        model.norm.apply(h, into: normalised)
        let vocabulary = model.configuration.vocabulary
        Matmul.multiply(
            Matrix(normalised, rows: texts, columns: width),
            Matrix(model.head.buffer, rows: vocabulary, columns: width).transposed,
            into: Matrix(output, rows: texts, columns: vocabulary))
        return output.array
    }
}
