import Foundation

/// What a model expected of a text, as far as a page shows it.
struct Predictions: Equatable {
    /// A character and its probability: `[token, probability]`.
    struct Guess: Encodable, Equatable {
        let token: Int32
        let probability: Float

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(token)
            // Four digits are enough to look at.
            try container.encode((Double(probability) * 1e4).rounded() / 1e4)
        }
    }

    /// How unexpected each character was, in bits; nil for the first.
    let surprise: [Double?]
    /// The likeliest next characters after each one.
    let next: [[Guess]]
    /// The likeliest next character after each one, by the logit lens after each layer.
    let lens: [[Guess]]

    /// How many of the likeliest characters are shown.
    private static let guesses = 6

    /// The predictions of a trace.
    init(_ trace: ModelTrace) {
        let final = trace.expectations()
        surprise = Self.surprise(trace.tokens, final)
        next = final.map(Self.likeliest)
        lens = trace.logits.indices.map { layer in
            trace.expectations(afterLayer: layer).map { Self.likeliest($0, count: 1)[0] }
        }
    }

    /// How unexpected each character was, given the probabilities after the one before it.
    static func surprise(_ tokens: [Int32], _ expectations: [[Float]]) -> [Double?] {
        tokens.indices.map { index in
            index == 0 ? nil : surprise(Double(expectations[index - 1][Int(tokens[index])]))
        }
    }

    /// The surprise at something of this probability, in bits, to three digits.
    static func surprise(_ probability: Double) -> Double { (-log2(max(probability, 1e-38)) * 1e3).rounded() / 1e3 }

    /// The likeliest characters.
    static func likeliest(_ probabilities: [Float]) -> [Guess] { likeliest(probabilities, count: guesses) }

    private static func likeliest(_ probabilities: [Float], count: Int) -> [Guess] {
        ModelTrace.likeliest(probabilities).prefix(count).map { Guess(token: $0.token, probability: $0.probability) }
    }
}

extension Predictions {
    /// The same as bytes: of each character its surprise, the likeliest next ones, and the likeliest after each layer; numbers of
    /// 32 bits, little-endian.
    var bytes: Data {
        var words: [UInt32] = []
        for index in surprise.indices {
            words.append(Float(surprise[index] ?? 0).bitPattern)
            for guess in next[index] + lens.map({ $0[index] }) {
                words += [UInt32(bitPattern: guess.token), guess.probability.bitPattern]
            }
        }
        return words.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }

    /// How many bytes the predictions of a text have.
    static func byteCount(characters: Int, layers: Int, vocabulary: Int) -> Int {
        characters * 4 * (1 + 2 * (min(guesses, vocabulary) + layers))
    }

    /// Predictions from bytes; nil unless these are predictions of a text of that length by a model of that size.
    init?(bytes: Data, characters: Int, layers: Int, vocabulary: Int) {
        guard
            bytes.count == Self.byteCount(characters: characters, layers: layers, vocabulary: vocabulary)
        else { return nil }
        let bytes = [UInt8](bytes)
        let words = stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        let size = words.count / max(1, characters)
        let guesses = stride(from: 0, to: words.count, by: max(1, size)).map { start in
            stride(from: start + 1, to: start + size, by: 2).map {
                Guess(token: Int32(bitPattern: words[$0]), probability: Float(bitPattern: words[$0 + 1]))
            }
        }
        let surprise = (0..<characters).map { Float(bitPattern: words[$0 * size]) }
        guard
            surprise.allSatisfy({ (0...200).contains($0) }),
            guesses.allSatisfy({
                $0.allSatisfy { (0..<Int32(vocabulary)).contains($0.token) && (0...1).contains($0.probability) }
            })
        else { return nil }
        self.surprise = surprise.enumerated().map { $0.offset == 0 ? nil : (Double($0.element) * 1e3).rounded() / 1e3 }
        let first = min(Self.guesses, vocabulary)
        next = guesses.map { Array($0[..<first]) }
        lens = (0..<layers).map { layer in guesses.map { $0[first + layer] } }
    }
}
