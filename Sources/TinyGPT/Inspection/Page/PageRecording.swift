import Foundation

/// What a model has computed of one text, quantized: for models that are too large for a page, and for every step of a training.
struct PageRecording: Encodable {
    /// The weights at one step of the training.
    struct Snapshot: Encodable {
        let step: Int
        /// The validation loss; nil where it was not measured.
        let loss: Double?
        /// By how much each weight, as ``PageRecording/maps`` has them, is above that of the next snapshot, modulo 256, which
        /// takes three quarters of the bytes; nil for the last one, whose weights are those of the recording.
        let maps: HuffmanCode?
        /// What the model expected at this step, as below; nil where it was not kept.
        let surprise: [Double?]?
        let next: [[Predictions.Guess]]?
        let lens: [[Predictions.Guess]]?
    }

    let layers: Int
    let heads: Int
    /// Channels of a head.
    let width: Int
    let vocabulary: [String]
    let tokens: [Int32]
    /// The first character that the model wrote itself; the number of characters if it wrote none.
    let written: Int
    /// The first character that each one could see.
    let starts: [Int]
    /// The weights of each layer and head, row after row from the first character seen; ``QuantizedWeights``.
    let maps: HuffmanCode
    var vectors: QuantizedVectors?
    /// Of each layer, head and character; 32-bit floats in base64.
    var logSums: String?
    /// How unexpected each character was, in bits; nil for the first.
    let surprise: [Double?]
    /// The likeliest next characters after each one.
    let next: [[Predictions.Guess]]
    /// The likeliest next character after each one, by the logit lens after each layer.
    var lens: [[Predictions.Guess]]?
    var history: [Snapshot]?
}

extension PageRecording {
    /// The recording of a text that a model has read.
    ///
    /// - Parameters:
    ///   - trace: The model's run on the text.
    ///   - quantized: ``QuantizedWeights`` of the trace.
    ///   - vocabulary: Turns tokens into characters.
    init(_ trace: ModelTrace, _ quantized: [UInt8], vocabulary: Vocabulary) {
        let (count, predictions) = (trace.tokens.count, Predictions(trace))
        self.init(
            layers: trace.attention.count, heads: trace.heads, width: trace.headWidth,
            vocabulary: vocabulary.strings, tokens: trace.tokens, written: count,
            starts: [Int](repeating: 0, count: count),
            maps: HuffmanCode(quantized),
            vectors: QuantizedVectors(trace),
            logSums: QuantizedVectors.base64(trace.logSums.flatMap(\.values)),
            surprise: predictions.surprise, next: predictions.next, lens: predictions.lens)
    }
}
