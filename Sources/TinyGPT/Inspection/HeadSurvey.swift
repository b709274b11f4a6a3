import Layers

/// Attention pattern scores and importance of every head of a model, measured on the beginning of a text.
public struct HeadSurvey {
    /// All heads, layer after layer.
    public let reports: [HeadReport]
    /// The loss with all heads on these windows, in nats per character.
    public let loss: Double
    /// How many windows were measured.
    public let windows: Int
    /// How long each window is, in characters.
    public let windowLength: Int

    /// Random texts, each repeated once, that the induction score is measured on.
    private static let repeatedTexts = 16

    /// Measures a model on consecutive windows from the beginning of a text, all as long as the context; if the text is
    /// shorter, on the one window that it is. The induction score comes from random characters instead, half a context
    /// of them repeated once, and counts the rows of the repetition.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - tokens: The text, at least two characters.
    ///   - spaces: The tokens that count as spaces and newlines.
    ///   - windows: The most windows to measure; as many as hold 8192 characters, at least 16, if nil.
    ///   - progress: Called now and then with the fraction done.
    /// - Throws: ``TinyGPTError/tooShortToMeasure(characters:)`` or ``TinyGPTError/modelDiverged``.
    public init(
        of model: GPT, on tokens: TokenArray, spaces: Set<Int32>, windows: Int? = nil,
        progress: (Double) -> Void = { _ in }
    ) throws {
        let model = model.frozen
        let (layers, heads) = (model.configuration.layers, model.configuration.heads)
        let measured = try MeasuredWindows(tokens, context: model.configuration.context, most: windows)
        (self.windows, windowLength) = (measured.count, measured.length)

        // The unit of progress is a pass through one layer: patterns take about three, each ablation all layers from its own on.
        let mapping = 3 * layers
        let total = Double(mapping + heads * layers * (layers + 1))
        var done = 0

        let patterns = try Self.patterns(of: model, on: measured.text, length: windowLength, spaces) { fraction in
            progress(Double(mapping) * fraction / total)
        }
        done += mapping

        var ablation = HeadAblation(from: model, on: Array(measured.batches))
        loss = ablation.losses.reduce(0, +) / Double(ablation.losses.count)
        var reports: [HeadReport] = []
        for layer in 0..<layers {
            let importances = ablation.nextLayer {
                done += layers - layer
                progress(Double(done) / total)
            }
            for (head, importance) in importances.enumerated() {
                let pattern = patterns[layer * heads + head]
                reports.append(HeadReport(layer: layer, head: head, pattern: pattern, importance: importance))
            }
        }
        self.reports = reports
    }

    /// Where every head looks, layer after layer.
    private static func patterns(
        of model: GPT, on text: TokenArray, length: Int, _ spaces: Set<Int32>, progress: (Double) -> Void
    ) throws -> [HeadPattern] {
        var tallies = [HeadPatternTally](
            repeating: HeadPatternTally(), count: model.configuration.layers * model.configuration.heads)
        func add(_ tokens: [Int32], _ marked: MarkedText, spread: Bool) throws {
            let map = try ModelTrace(of: model, on: tokens)
            let (square, heads) = (tokens.count * tokens.count, map.heads)
            for (layer, weights) in map.attention.map(\.values).enumerated() {
                for head in 0..<heads {
                    let part = weights[head * square..<(head + 1) * square]
                    tallies[layer * heads + head].add(part, marked)
                    if spread { tallies[layer * heads + head].addSpread(part, count: tokens.count) }
                }
            }
        }

        let natural = AttentionTarget.allCases.filter { $0 != .induction }
        let windows = Array(Windows(tokens: text, context: length, batch: 1))
        let total = Double(windows.count + repeatedTexts)
        for (index, window) in windows.enumerated() {
            try add(window.inputs, MarkedText(window.inputs, targets: natural, spaces: spaces), spread: true)
            progress(Double(index + 1) / total)
        }
        let half = model.configuration.context / 2
        for index in 0..<repeatedTexts where half > 0 {
            let tokens = repeatedText(half, vocabulary: model.configuration.vocabulary, index)
            try add(tokens, MarkedText(tokens, targets: [.induction], from: half), spread: false)
            progress(Double(windows.count + index + 1) / total)
        }
        return tallies.map(\.pattern)
    }

    /// Random characters, the same every time, and once more.
    private static func repeatedText(_ half: Int, vocabulary: Int, _ index: Int) -> [Int32] {
        var random = RandomStream(seed: 1, purpose: .sampling, counter: UInt64(index))
        let once = (0..<half).map { _ in Int32(random.below(vocabulary)) }
        return once + once
    }
}

/// The attention pattern and the importance of one head.
public struct HeadReport: Equatable, Sendable {
    /// The layer, counted from 0.
    public let layer: Int
    /// The head in its layer, counted from 0.
    public let head: Int
    /// Its attention pattern scores.
    public let pattern: HeadPattern
    /// The rise of the loss without it.
    public let importance: HeadImportance
    /// The name of its pattern, where that is clear; see ``HeadPattern/name``.
    public var name: String? { pattern.name }
}
