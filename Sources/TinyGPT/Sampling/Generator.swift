import Layers

/// Samples from a model, one character at a time, one text or several side by side.
///
/// When the context is full, the window slides by half: its last half is prefilled again and sampling continues from there. So
/// every character sees between half and all of the context, and its logits equal those of a forward pass over that window.
public final class Generator {
    /// The most texts side by side. Each gets the same bits as it would alone.
    public static let mostTexts = 8

    private let sampler: Sampler
    private var randoms: [RandomStream]
    let decoder: CachedDecoder
    /// The tokens of each text that the decoder holds, and after them those it has not yet read.
    private var windows: [[Int32]]
    /// The last token of each window. Shape: (B)
    private var last: [Int32]
    /// The logits of the next tokens, and whether they are computed. Shape: (B, V)
    private var nextLogits: [[Float]]
    private var hasLogits = false
    /// The last tokens of each text, for the penalty on repetition; empty without one.
    private var recent: [[Int32]]
    /// The probability that the last drawn token of each text had. Shape: (B)
    public private(set) var drawnProbabilities: [Double]
    /// Reused for every draw. Shape: (V)
    private var probabilities: [Double]

    /// A generator at the end of a prompt.
    ///
    /// - Parameters:
    ///   - model: The model; it must not be trained while the generator is in use.
    ///   - prompt: Tokens that every text begins with; of a prompt longer than the context, the last ones are used.
    ///   - sampler: Chooses tokens from logits.
    ///   - seed: The seed of the random numbers.
    ///   - numbers: The numbers of the texts, from 0 on; each has a random stream of its own.
    ///   - weights: How the weights of products are read for each new token. A copy in fewer bits is made here; the prompt and the
    ///     last half of a full context are still read with the model's own.
    /// - Precondition: The prompt is not empty, and there are from 1 to ``mostTexts`` texts.
    public init(
        _ model: GPT, prompt: [Int32], sampler: Sampler, seed: UInt64, numbers: Range<Int> = 0..<1,
        weights: WeightFormat = .f32
    ) {
        precondition(!prompt.isEmpty, "a prompt needs at least one token")
        precondition(
            (1...Self.mostTexts).contains(numbers.count), "\(numbers.count) texts side by side; 1 to \(Self.mostTexts)")
        self.sampler = sampler
        randoms = numbers.map { RandomStream(seed: seed, purpose: .sampling, counter: UInt64($0)) }
        decoder = CachedDecoder(model, texts: numbers.count, weights: weights)
        let window = Array(prompt.suffix(model.configuration.context))
        windows = numbers.map { _ in window }
        last = numbers.map { _ in window[window.count - 1] }
        recent = numbers.map { _ in sampler.repetitionPenalty > 1 ? prompt : [] }
        nextLogits = numbers.map { _ in [Float](repeating: 0, count: model.configuration.vocabulary) }
        drawnProbabilities = numbers.map { _ in 0 }
        probabilities = [Double](repeating: 0, count: model.configuration.vocabulary)
        // Capacity for the longest window, so that decode steps allocate nothing.
        for text in windows.indices { windows[text].reserveCapacity(decoder.capacity + 1) }
    }

    /// The logits of the next token of each text, after the penalty on repetition. Shape: (B, V)
    public func logits() -> [[Float]] {
        computeLogits()
        return nextLogits
    }

    private func computeLogits() {
        guard !hasLogits else { return }
        let isFull = decoder.count == decoder.capacity
        if isFull {
            let kept = max(1, decoder.capacity / 2)
            for text in windows.indices { windows[text].removeFirst(windows[text].count - kept) }
        }
        if isFull || decoder.count == 0 {
            decoder.prefill(windows.flatMap { $0 }, logits: &nextLogits)
        } else {
            decoder.step(last, logits: &nextLogits)
        }
        if sampler.repetitionPenalty > 1 {
            for text in recent.indices { sampler.penalize(&nextLogits[text], recent: recent[text]) }
        }
        hasLogits = true
    }

    /// Samples the next token of each text. Shape: (B)
    ///
    /// - Throws: ``TinyGPTError/modelDiverged`` if a logit is not finite.
    public func nextOfEach() throws -> [Int32] {
        computeLogits()
        guard nextLogits.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw TinyGPTError.modelDiverged }
        for text in windows.indices {
            last[text] = sampler.draw(nextLogits[text], &randoms[text], &probabilities)
            drawnProbabilities[text] = probabilities[Int(last[text])]
        }
        appendLast()
        return last
    }

    /// Samples the next token of the only text, or of the first.
    ///
    /// - Throws: ``TinyGPTError/modelDiverged`` if a logit is not finite.
    public func next() throws -> Int32 { try nextOfEach()[0] }

    /// Appends a given token to each text instead of a sampled one. Shape: (B)
    func append(_ tokens: [Int32]) {
        last = tokens
        appendLast()
    }

    private func appendLast() {
        for text in windows.indices { windows[text].append(last[text]) }
        if sampler.repetitionPenalty > 1 {
            for text in recent.indices {
                recent[text] = recent[text].suffix(sampler.repetitionWindow - 1) + [last[text]]
            }
        }
        hasLogits = false
    }
}
