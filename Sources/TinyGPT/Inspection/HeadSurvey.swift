import Layers

/// What each head of a model does, and what it is worth.
public struct HeadSurvey: Sendable {
    /// One head.
    public struct Report: Equatable, Sendable {
        /// Which head it is.
        public let layer: Int, head: Int
        /// What it looks at.
        public let pattern: HeadPattern
        /// What the model loses when what the head has gathered becomes zero.
        public let zeroed: HeadWorth
        /// What it loses when that becomes its own mean over the text, which a later layer may count on.
        public let averaged: HeadWorth
    }

    /// All heads, layer after layer.
    public let reports: [Report]
    /// How many characters of the text were used: whole windows of the model's context.
    public let characters: Int
    /// The loss with all heads, in nats per character.
    public let loss: Double

    /// Characters that are run through the model at once.
    private static let batch = 4096

    /// Looks at every head on the beginning of a text, and removes one after the other.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - tokens: The text.
    ///   - limit: How many characters of it to use at most.
    ///   - vocabulary: What the tokens mean.
    ///   - progress: Called now and then with the fraction done.
    /// - Throws: `.badData` if the text has no two windows of the model's context.
    public init(
        of model: GPT, on tokens: [Int32], limit: Int, vocabulary: Vocabulary, progress: (Double) -> Void = { _ in }
    ) throws {
        let sizes = model.configuration
        let windows = min(limit, tokens.count - 1) / sizes.context
        guard windows >= 2, sizes.context >= 4 else {
            throw TinyGPTError(
                .badData,
                """
                the text has \(tokens.count) characters, of which at most \(limit) are used; at least \
                \(2 * sizes.context + 1), two windows of the model, are needed, and a context of at least 4
                """)
        }
        let texts = (0..<windows).map { Array(tokens[$0 * sizes.context..<($0 + 1) * sizes.context + 1]) }
        let patterns = try Self.patterns(model, texts.map { Array($0.dropLast()) }, vocabulary) { progress(0.2 * $0) }
        let together = max(1, Self.batch / sizes.context)
        let parts = stride(from: 0, to: windows, by: together).map { texts[$0..<min(windows, $0 + together)] }
        func removal(_ part: ArraySlice<[Int32]>) throws -> HeadRemoval {
            try HeadRemoval(
                model, inputs: part.flatMap { $0.dropLast() }, targets: part.flatMap { $0.dropFirst() },
                windows: part.count)
        }
        // First the means, which need the whole text, then each head.
        var sums = [[Double]](repeating: [Double](repeating: 0, count: sizes.width), count: sizes.layers)
        for part in parts {
            let removal = try removal(part)
            for layer in 0..<sizes.layers { sums[layer] = zip(sums[layer], removal.sum(layer: layer)).map(+) }
        }
        let means = sums.map { $0.map { Float($0 / Double(windows * sizes.context)) } }
        let headWidth = sizes.width / sizes.heads
        var (zeroed, averaged) = (
            [[Double]](repeating: [], count: sizes.layers * sizes.heads),
            [[Double]](repeating: [], count: sizes.layers * sizes.heads)
        )
        var sum = 0.0
        for (number, part) in parts.enumerated() {
            let removal = try removal(part)
            sum += removal.losses.reduce(0, +)
            for index in zeroed.indices {
                let (layer, head) = (index / sizes.heads, index % sizes.heads)
                let mean = Array(means[layer][head * headWidth..<(head + 1) * headWidth])
                func changes(_ replacement: [Float]) -> [Double] {
                    zip(removal.losses(without: layer, head, replacement: replacement), removal.losses).map(-)
                }
                zeroed[index] += changes([Float](repeating: 0, count: headWidth))
                averaged[index] += changes(mean)
                progress(0.2 + 0.8 * (Double(number) + Double(index + 1) / Double(zeroed.count)) / Double(parts.count))
            }
        }
        loss = sum / Double(windows)
        characters = windows * sizes.context
        reports = zeroed.indices.map { index in
            Report(
                layer: index / sizes.heads, head: index % sizes.heads, pattern: patterns[index],
                zeroed: HeadWorth(zeroed[index]), averaged: HeadWorth(averaged[index]))
        }
    }

    /// The pattern of every head: on windows of the text, and for induction on as many random texts written twice.
    private static func patterns(
        _ model: GPT, _ texts: [[Int32]], _ vocabulary: Vocabulary, progress: (Double) -> Void
    ) throws -> [HeadPattern] {
        let (layers, heads) = (model.configuration.layers, model.configuration.heads)
        let blanks = Set([vocabulary.index(of: " "), vocabulary.index(of: "\n")].compactMap { $0 })
        var random = RandomStream(seed: 0, purpose: .sampling)
        var found = [[HeadPattern]](repeating: [], count: layers * heads)
        // Means settle long before a thousand rows of each.
        let used = texts.prefix(max(4, 4096 / texts[0].count))
        for (number, text) in used.enumerated() {
            let trace = try ModelTrace(of: model, on: text)
            let half = (0..<text.count / 2).map { _ in Int32(random.below(vocabulary.count)) }
            let repeated = try ModelTrace(of: model, on: half + half)
            for index in found.indices {
                let (layer, head) = (index / heads, index % heads)
                var pattern = HeadPattern(
                    trace.weights(layer: layer, head: head), tokens: text, blanks: blanks)
                pattern.induction = HeadPattern.induction(repeated.weights(layer: layer, head: head))
                found[index].append(pattern)
            }
            progress(Double(number + 1) / Double(used.count))
        }
        return found.map(HeadPattern.mean)
    }
}
