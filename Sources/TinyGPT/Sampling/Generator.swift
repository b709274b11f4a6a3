import Autograd
import Layers

/// Lets a model write, a character at a time.
///
/// Keys and values of the characters so far are kept, so a new character costs one row. When the context is full, the
/// last half of it is read again and writing goes on from there: every character sees between half and all of the
/// context, and what it sees is exactly what reading that window afresh would give.
public struct Generator {
    private let model: GPT
    private let sampler: Sampler
    private var random: RandomStream
    private let cache: GPT.Cache
    /// What the cache holds, and after it the characters not yet read.
    private var window: [Int32]
    /// The logits of the next character, once they were asked for.
    private var nextLogits: [Float]?

    /// Creates a generator.
    ///
    /// - Parameters:
    ///   - model: The model; it is not changed.
    ///   - prompt: What the text begins with; of one longer than the context, the last characters are used.
    ///   - sampler: How characters are chosen.
    ///   - seed: The start of the random numbers.
    ///   - number: Which of several texts this is; each has random numbers of its own.
    /// - Throws: Nothing for a model that could be made.
    /// - Precondition: The prompt is not empty.
    public init(_ model: GPT, prompt: [Int32], sampler: Sampler, seed: UInt64, number: Int = 0) throws {
        precondition(!prompt.isEmpty, "a text needs a first character")
        self.model = try model.frozen
        self.sampler = sampler
        random = RandomStream(seed: seed, purpose: .sampling, counter: UInt64(number))
        cache = GPT.Cache(for: model)
        window = prompt.suffix(cache.capacity)
    }

    /// The logits of the next character.
    public mutating func logits() -> [Float] {
        if let nextLogits { return nextLogits }
        if cache.count == cache.capacity {
            window = window.suffix(max(1, cache.capacity / 2))
            cache.removeAll()
        }
        let logits = model.next(Array(window[cache.count...]), batch: 1, cache: cache).values
        nextLogits = logits
        return logits
    }

    /// Writes the next character.
    public mutating func next() -> Int32 {
        let token = sampler.draw(logits(), &random)
        append(token)
        return token
    }

    /// Takes a character as the next one, whoever chose it.
    mutating func append(_ token: Int32) {
        window.append(token)
        nextLogits = nil
    }
}
