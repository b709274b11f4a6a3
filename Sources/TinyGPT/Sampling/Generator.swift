import Layers

/// Lets a model write, a character at a time, one text or several side by side.
///
/// When the context is full, the last half of it is read again and writing goes on from there: every character sees between
/// half and all of the context, and what it sees is exactly what reading that window afresh would give. A copy shares the memory
/// of what was read, so only one of the two may go on writing.
public struct Generator {
    /// The most texts that can be written side by side. So many are computed as each would be by itself, to the bit.
    public static let mostTexts = 8

    private let sampler: Sampler
    private var randoms: [RandomStream]
    var decoder: IncrementalDecoder
    /// What the decoder holds of each text, and after it the characters not yet read.
    private var windows: [[Int32]]
    /// The last character of each window, in one array that is there already. Shape: (N)
    private var last: [Int32]
    /// The logits of the next characters, and whether they are computed. Shape: (N, V)
    private var nextLogits: [[Float]]
    private var knowsNext = false
    /// Where probabilities are computed. Shape: (V)
    private var probabilities: [Double]

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
        let window = Array(prompt.suffix(model.configuration.context))
        windows = numbers.map { _ in window }
        last = numbers.map { _ in window[window.count - 1] }
        nextLogits = numbers.map { _ in [Float](repeating: 0, count: model.configuration.vocabulary) }
        probabilities = [Double](repeating: 0, count: model.configuration.vocabulary)
        // Room for all that is to come: between two readings of the window nothing is allocated.
        for text in windows.indices { windows[text].reserveCapacity(decoder.capacity + 1) }
    }

    /// The logits of the next character of each text.
    public mutating func logits() -> [[Float]] {
        computeLogits()
        return nextLogits
    }

    private mutating func computeLogits() {
        guard !knowsNext else { return }
        let isFull = decoder.count == decoder.capacity
        if isFull {
            let kept = max(1, decoder.capacity / 2)
            for text in windows.indices { windows[text].removeFirst(windows[text].count - kept) }
        }
        if isFull || decoder.count == 0 {
            decoder.read(windows.flatMap { $0 }, logits: &nextLogits)
        } else {
            decoder.step(last, logits: &nextLogits)
        }
        knowsNext = true
    }

    /// Writes the next character of each text.
    public mutating func nextOfEach() -> [Int32] {
        computeLogits()
        for text in windows.indices { last[text] = sampler.draw(nextLogits[text], &randoms[text], &probabilities) }
        appendLast()
        return last
    }

    /// Writes the next character of the only text, or of the first.
    public mutating func next() -> Int32 { nextOfEach()[0] }

    /// Takes a character for each text as the next one, whoever chose it.
    mutating func append(_ tokens: [Int32]) {
        last = tokens
        appendLast()
    }

    private mutating func appendLast() {
        for text in windows.indices { windows[text].append(last[text]) }
        knowsNext = false
    }
}
