import Foundation

/// A sampled text, with the attention and the alternatives at every character.
public struct ExplainedText {
    /// One sampled character.
    public struct Choice: Sendable {
        /// The character.
        public let token: Int32
        /// Its probability after temperature, top-k and top-p.
        public let probability: Double
        /// The entropy of the distribution, in bits.
        public let entropy: Double
        /// The likeliest characters, likeliest first.
        public let alternatives: [(token: Int32, probability: Double)]
    }

    /// The part of the prompt that was used.
    public let prompt: [Int32]
    /// The sampled characters.
    public private(set) var choices: [Choice] = []
    /// The attention weights of every head when a character was the last one read, over the window it could see: taken from
    /// the KV cache that sampling uses.
    ///
    /// Shape: (characters, layers, heads, characters seen); empty if it is not recorded
    private(set) var attention: [[[[Float]]]] = []
    /// The first position of each character's window.
    private(set) var starts: [Int] = []
    private let trace: ModelTrace
    private let sampler: Sampler

    /// Alternatives of a choice.
    private static let alternatives = 6

    /// Samples a text and records it.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - prompt: The beginning of the text; of a prompt longer than the context, the last characters are used.
    ///   - sampler: Chooses tokens from logits.
    ///   - seed: The seed of the random numbers.
    ///   - length: The most characters to sample.
    ///   - weights: How the weights are read for each sampled character.
    ///   - recordsAttention: Whether to keep all attention weights, for the page of a model that a page cannot hold.
    ///   - report: Called with every choice, in order; returns whether to continue.
    /// - Throws: What `report` throws.
    public init(
        _ model: GPT, prompt: [Int32], sampler: Sampler, seed: UInt64, length: Int, weights: WeightFormat = .f32,
        recordsAttention: Bool = false, report: (Choice) throws -> Bool
    ) throws {
        let window = Array(prompt.suffix(model.configuration.context))
        self.prompt = window
        self.sampler = sampler
        trace = try ModelTrace(of: model, on: window)
        let generator = Generator(model, prompt: window, sampler: sampler, seed: seed, weights: weights)
        generator.decoder.keepsAttention = recordsAttention
        for character in window.indices.dropLast() where recordsAttention {
            attention.append(
                trace.attention.indices.map { layer in
                    (0..<trace.heads).map { head in
                        Array(trace.weights(layer: layer, head: head)[character][...character])
                    }
                })
            starts.append(0)
        }
        for number in 0..<length {
            let probabilities = sampler.probabilities(generator.logits()[0])
            if recordsAttention {
                attention.append(generator.decoder.attention)
                starts.append(window.count + number - generator.decoder.count)
            }
            let choice = Self.choice(try generator.next(), probabilities)
            choices.append(choice)
            guard try report(choice) else { break }
        }
    }

    private static func choice(_ token: Int32, _ probabilities: [Double]) -> Choice {
        let likeliest = probabilities.enumerated().filter { $0.element > 0 }
            .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
        return Choice(
            token: token, probability: probabilities[Int(token)],
            entropy: likeliest.reduce(0) { $0 - $1.element * log2($1.element) },
            alternatives: likeliest.prefix(alternatives).map { (Int32($0.offset), $0.element) })
    }

    /// The replay: the explorer, which plays how the text was written.
    ///
    /// - Parameters:
    ///   - model: The model that has written it.
    ///   - vocabulary: Turns tokens into characters.
    ///   - facts: What stands in its title.
    /// - Returns: The page; of a model that it cannot hold, without the last character, which the model has not read.
    /// - Precondition: At least one character was written, and the attention was recorded if a page cannot hold the model.
    public func page(of model: GPT, vocabulary: Vocabulary, facts: PageFacts) -> ExplorerPage {
        let tokens = prompt + choices.map(\.token)
        guard ExplorerPage.holds(model) else {
            return ExplorerPage(recording(of: Array(tokens.dropLast()), vocabulary), facts: facts)
        }
        var page = ExplorerPage(model, vocabulary: vocabulary, facts: facts, text: vocabulary.decode(tokens))
        page.replay(from: prompt.count, sampler)
        return page
    }

    private func recording(of tokens: [Int32], _ vocabulary: Vocabulary) -> PageRecording {
        let expected = trace.expectations()
        let (layers, heads) = (trace.attention.count, trace.heads)
        let bytes = (0..<layers).flatMap { layer in
            (0..<heads).flatMap { head in attention.flatMap { $0[layer][head].map(QuantizedWeights.byte) } }
        }
        return PageRecording(
            layers: layers, heads: heads, width: trace.headWidth,
            vocabulary: vocabulary.strings, tokens: tokens,
            written: prompt.count, starts: starts, maps: HuffmanCode(bytes),
            surprise: Predictions.surprise(prompt, expected)
                + choices.dropLast().map { Predictions.surprise($0.probability) },
            next: expected.dropLast().map(Predictions.likeliest)
                + choices.map { choice in
                    choice.alternatives.map { .init(token: $0.token, probability: Float($0.probability)) }
                })
    }
}
