import EmbeddedTexts
import Foundation

/// The explorer: one HTML file that needs nothing else, neither a network nor a program beside the browser.
///
/// It holds the model itself and runs it while one types; of a model that is too large for a page, what it has computed of one
/// text. Its parts are real files in `Parts/`, compiled into the program.
public struct ExplorerPage {
    /// How the weights of a model are stored in a page.
    public enum Precision: String, CaseIterable, Codable, Sendable {
        /// 32 bits, with the numbers of the program: probabilities differ by less than 1e-5.
        case f32
        /// 16 bits, in half the space: probabilities differ by up to 0.001.
        case f16

        /// What suits a model: 32 bits up to 2 million weights, a page of 11 MB.
        static func suitable(for model: GPT) -> Precision { model.parameterCount <= 2_000_000 ? .f32 : .f16 }
    }

    /// The most weights of a model that a page holds; in 16 bits these make a page of 32 MB.
    public static let mostParameters = 12_000_000

    /// Whether a page can hold a model.
    public static func holds(_ model: GPT) -> Bool { model.parameterCount <= mostParameters }

    var data: PageData
    /// The weights of a recording of one text as bytes, from which earlier snapshots differ; ``QuantizedWeights``.
    private(set) var quantized: [UInt8] = []

    /// The page that holds a model.
    ///
    /// - Parameters:
    ///   - model: The model, one that ``holds(_:)`` allows.
    ///   - vocabulary: Its vocabulary.
    ///   - facts: What stands in its title.
    ///   - text: The text in the box at first.
    ///   - precision: How its weights are stored; what suits its size if nil.
    public init(
        _ model: GPT, vocabulary: Vocabulary, facts: PageFacts, text: String, precision: Precision? = nil
    ) {
        precondition(Self.holds(model), "a page for a model of \(model.parameterCount) weights")
        let held = PageModel(model, vocabulary: vocabulary, precision: precision ?? .suitable(for: model))
        data = PageData(facts: facts, model: held.description, weights: held.weights, prompt: text)
    }

    /// The page of what a model has computed of one text.
    ///
    /// - Parameters:
    ///   - trace: The model's run on the text.
    ///   - vocabulary: Turns tokens into characters.
    ///   - facts: What stands in its title.
    public init(_ trace: ModelTrace, vocabulary: Vocabulary, facts: PageFacts) {
        let quantized = QuantizedWeights.all(trace)
        self.init(PageRecording(trace, quantized, vocabulary: vocabulary), facts: facts)
        self.quantized = quantized
    }

    init(_ recording: PageRecording, facts: PageFacts) { data = PageData(facts: facts, recording: recording) }

    /// Adds a remark on the text, such as that its beginning was left out.
    public mutating func add(notice: String?) { data.notice = notice }

    /// Opens the page at a layer and a head; at the first where there is none.
    public mutating func open(layer: Int?, head: Int?) { (data.layer, data.head) = (layer, head) }

    /// Adds pattern and importance of each head, by which the page sorts them.
    public mutating func add(_ survey: HeadSurvey) { data.notes = survey.reports.map(PageData.HeadNote.init) }

    /// Adds what the neurons follow, as a list in the page.
    ///
    /// - Parameters:
    ///   - survey: Of the page's model.
    ///   - vocabulary: Its vocabulary.
    /// - Precondition: The page holds a model.
    public mutating func add(_ survey: NeuronSurvey, vocabulary: Vocabulary) {
        precondition(data.model != nil, "neurons of a recording")
        data.neurons = PageData.Neurons(survey, vocabulary)
    }

    /// Adds another model, which the page runs on the same text.
    ///
    /// - Parameters:
    ///   - model: The model, one that ``holds(_:)`` allows.
    ///   - vocabulary: Its vocabulary, that of the page's model.
    ///   - facts: What the page says about it.
    ///   - precision: How its weights are stored; what suits its size if nil.
    public mutating func compare(
        with model: GPT, vocabulary: Vocabulary, facts: PageFacts, precision: Precision? = nil
    ) {
        precondition(Self.holds(model), "a page for a model of \(model.parameterCount) weights")
        let held = PageModel(model, vocabulary: vocabulary, precision: precision ?? .suitable(for: model))
        data.compare = PageData.Comparison(facts: facts, model: held.description, weights: held.weights)
    }

    /// Lets the page replay how its text was sampled.
    ///
    /// - Parameters:
    ///   - written: The first character that the model wrote.
    ///   - sampler: How it chose the characters.
    mutating func replay(from written: Int, _ sampler: Sampler) {
        data.replay = PageData.Replay(written: written, sampler: sampler)
    }

    /// The page as one HTML document, with its data, styles and scripts inside; it loads nothing.
    ///
    /// - Returns: The text of the file.
    /// - Throws: What the JSON encoder throws.
    public func html() throws -> String { try Self.template.html(data) }

    private static let template = PageTemplate(
        title: "Attention explorer", body: explorerHTML(), styles: [pageStyle(), explorerStyle()],
        scripts: [explorerScripts()])

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func write(to path: String) throws { try AtomicFile.write(try html(), to: path) }
}
