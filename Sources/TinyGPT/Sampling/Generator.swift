import Layers

/// Lets a model write, a character at a time, one text or several side by side.
///
/// When the context is full, the last half of it is read again and writing goes on from there: every character sees between
/// half and all of the context, and what it sees is exactly what reading that window afresh would give.
public struct Generator {
    /// The most texts that can be written side by side. So many are computed as each would be by itself, to the bit.
    public static let mostTexts = 8

    private let sampler: Sampler
    private var randoms: [RandomStream]
    var decoder: IncrementalDecoder
    /// What the decoder holds of each text, and after it the characters not yet read.
    private var windows: [[Int32]]
    /// The logits of the next characters, once they were asked for.
    private var nextLogits: [[Float]]?

    /// Creates a generator.
    ///
    /// - Parameters:
    ///   - model: The model; it is not changed.
    ///   - prompt: What every text begins with; of one longer than the context, the last characters are used.
    ///   - sampler: How characters are chosen.
    ///   - seed: The start of the random numbers.
    ///   - numbers: Which texts to write, from 0 on; each has random numbers of its own.
    /// - Throws: Nothing for a model that could be made.
    /// - Precondition: The prompt is not empty, and there are between one and ``mostTexts`` texts.
    public init(_ model: GPT, prompt: [Int32], sampler: Sampler, seed: UInt64, numbers: Range<Int> = 0..<1) throws {
        precondition(!prompt.isEmpty, "a text needs a first character")
        precondition((1...Self.mostTexts).contains(numbers.count), "\(numbers.count) texts side by side")
        self.sampler = sampler
        randoms = numbers.map { RandomStream(seed: seed, purpose: .sampling, counter: UInt64($0)) }
        decoder = try IncrementalDecoder(model, texts: numbers.count)
        windows = numbers.map { _ in Array(prompt.suffix(model.configuration.context)) }
    }

    /// The logits of the next character of each text.
    public mutating func logits() -> [[Float]] {
        if let nextLogits { return nextLogits }
        let isFull = decoder.count == decoder.capacity
        if isFull { windows = windows.map { $0.suffix(max(1, decoder.capacity / 2)) } }
        let values =
            isFull || decoder.count == 0
            ? decoder.read(windows.flatMap { $0 }) : decoder.step(windows.map { $0[$0.count - 1] })
        let vocabulary = values.count / windows.count
        let logits = windows.indices.map { Array(values[$0 * vocabulary..<($0 + 1) * vocabulary]) }
        nextLogits = logits
        return logits
    }

    /// Writes the next character of each text.
    public mutating func nextOfEach() -> [Int32] {
        let tokens = logits().enumerated().map { sampler.draw($0.element, &randoms[$0.offset]) }
        append(tokens)
        return tokens
    }

    /// Writes the next character of the only text, or of the first.
    public mutating func next() -> Int32 { nextOfEach()[0] }

    /// Takes a character for each text as the next one, whoever chose it.
    mutating func append(_ tokens: [Int32]) {
        for (index, token) in tokens.enumerated() { windows[index].append(token) }
        nextLogits = nil
    }
}
