import Layers

/// What a page shows before anything is chosen.
extension ExplorerPage {
    /// A text by the model itself, for a page without a prompt; the same every time.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - vocabulary: Its characters.
    ///   - isLine: Whether every line is a text of its own: then it is one line and the line break before it.
    /// - Returns: The text.
    /// - Throws: ``TinyGPTError/modelDiverged``.
    public static func ownText(of model: GPT, vocabulary: Vocabulary, isLine: Bool = false) throws -> String {
        let start = vocabulary.startToken
        let generator = Generator(
            model, prompt: [start], sampler: Sampler(temperature: Sampler.defaultTemperature), seed: 1)
        var text: [Int32] = isLine ? [start] : []
        while text.count < min(64, model.configuration.context) {
            let token = try generator.next()
            if isLine, token == start { break }
            text.append(token)
        }
        return vocabulary.decode(text)
    }

    /// Opens the page at the most valuable of the selected heads: that without which (mean ablation) the model predicts a text
    /// worst. Of a text of one character, at the first.
    ///
    /// - Parameters:
    ///   - choice: The selection.
    ///   - model: The model.
    ///   - tokens: The text, at most as long as the context.
    public mutating func open(at choice: HeadChoice, of model: GPT, on tokens: [Int32]) {
        guard tokens.count > 1, choice.layers.count * choice.heads.count > 1 else {
            return open(layer: choice.layers[0], head: choice.heads[0])
        }
        let windows = Array(Windows(tokens: TokenArray(tokens), context: tokens.count, batch: 1))
        var ablation = HeadAblation(from: model.frozen, on: windows)
        let importances = (0...choice.layers[choice.layers.count - 1]).map { _ in ablation.nextLayer {} }
        let places = choice.layers.flatMap { layer in choice.heads.map { (layer: layer, head: $0) } }
        let best = places.max {
            importances[$0.layer][$0.head].averaged.value < importances[$1.layer][$1.head].averaged.value
        }!
        open(layer: best.layer, head: best.head)
    }
}
