import Foundation

/// What a model has computed of one text, quantized: for models that are too large for a page, and for every step of a training.
struct PageRecording: Encodable {
    /// A character and its probability: `[token, probability]`.
    struct Guess: Encodable {
        let token: Int32
        let probability: Float

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(token)
            // Four digits are enough to look at.
            try container.encode((Double(probability) * 1e4).rounded() / 1e4)
        }
    }

    /// The weights at one step of the training.
    struct Snapshot: Encodable {
        let step: Int
        /// The validation loss; nil where it was not measured.
        let loss: Double?
        let maps: HuffmanCode
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
    let next: [[Guess]]
    /// The likeliest next character after each one, by the logit lens after each layer.
    var lens: [[Guess]]?
    var history: [Snapshot]?
}

extension PageRecording {
    /// How many of the likeliest characters are shown.
    private static let guesses = 6

    /// The recording of a text that a model has read.
    init(_ trace: ModelTrace, vocabulary: Vocabulary) {
        let count = trace.tokens.count
        let final = trace.expectations()
        self.init(
            layers: trace.attention.count, heads: trace.heads, width: trace.headWidth,
            vocabulary: vocabulary.characters.map { String(Character($0)) }, tokens: trace.tokens, written: count,
            starts: [Int](repeating: 0, count: count),
            maps: HuffmanCode(QuantizedWeights.all(trace)),
            vectors: QuantizedVectors(trace),
            logSums: QuantizedVectors.base64(trace.logSums.flatMap(\.values)),
            surprise: Self.surprise(trace.tokens, final), next: final.map(Self.likeliest),
            lens: trace.logits.indices.map { layer in
                trace.expectations(afterLayer: layer).map { Self.likeliest($0, count: 1)[0] }
            })
    }

    /// How unexpected each character was, given the probabilities after the one before it.
    static func surprise(_ tokens: [Int32], _ expectations: [[Float]]) -> [Double?] {
        tokens.indices.map { index in
            guard index > 0 else { return nil }
            let probability = Double(expectations[index - 1][Int(tokens[index])])
            return (-log2(max(probability, 1e-38)) * 1e3).rounded() / 1e3
        }
    }

    /// The likeliest characters.
    static func likeliest(_ probabilities: [Float]) -> [Guess] { likeliest(probabilities, count: guesses) }

    private static func likeliest(_ probabilities: [Float], count: Int) -> [Guess] {
        ModelTrace.likeliest(probabilities).prefix(count).map { Guess(token: $0.token, probability: $0.probability) }
    }
}
