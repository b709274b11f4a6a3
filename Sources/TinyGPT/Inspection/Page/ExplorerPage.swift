import Foundation

/// The attention explorer: one HTML file that needs nothing else, neither a network nor a program beside the browser.
///
/// Its parts are real files in `Parts/`, compiled into the program.
public struct ExplorerPage {
    private var data: PageData

    init(_ data: PageData) { self.data = data }

    /// The page of a model's run on a text.
    ///
    /// - Parameters:
    ///   - trace: The model's run on a text.
    ///   - vocabulary: Turns tokens into characters.
    ///   - title: The model's name.
    ///   - notice: A remark on the text, such as that its beginning was left out.
    public init(_ trace: ModelTrace, vocabulary: Vocabulary, title: String, notice: String? = nil) {
        data = PageData(trace, vocabulary: vocabulary, title: title, notice: notice)
    }

    /// Opens the page at the first of the selected heads.
    public mutating func open(at choice: HeadChoice) { (data.layer, data.head) = (choice.layer, choice.head) }

    /// Adds pattern and importance of each head, by which the page sorts them.
    public mutating func add(_ survey: HeadSurvey) { data.notes = survey.reports.map(PageData.HeadNote.init) }

    /// Adds the attention on this text through the training, with a slider.
    ///
    /// - Parameters:
    ///   - snapshots: From the run's probe, on the same text.
    ///   - step: The step of this page's model, shown last.
    ///   - path: The file of the snapshots, for the error.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when a snapshot is not one of this text and model.
    public mutating func add(_ snapshots: [AttentionSnapshot], upTo step: Int, from path: String) throws {
        let count = data.layers * data.heads * data.tokens.count * (data.tokens.count + 1) / 2
        if let other = snapshots.first(where: { $0.maps.count != count }) {
            throw TinyGPTError.badFile(
                path, problem: "has \(other.maps.count) weights at step \(other.step), expected \(count) for its text")
        }
        let before = snapshots.filter { $0.step < step }
        let loss = snapshots.last { $0.step == step }?.loss
        data.history =
            before.map { .init(step: $0.step, loss: $0.loss, maps: HuffmanCode(Array($0.maps))) }
            + [.init(step: step, loss: loss, maps: data.maps)]
    }

    /// The page as one HTML document, with its data, styles and scripts inside; it loads nothing.
    ///
    /// - Returns: The text of the file.
    /// - Throws: What the JSON encoder throws.
    public func html() throws -> String { try Self.template.html(data) }

    private static let template = PageTemplate(
        title: "Attention explorer", body: PackageResources.explorer_html,
        styles: [PackageResources.page_css, PackageResources.explorer_css],
        scripts: [
            PackageResources.data_js, PackageResources.colors_js, PackageResources.state_js, PackageResources.text_js,
            PackageResources.map_js, PackageResources.details_js, PackageResources.history_js, PackageResources.main_js,
        ])

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func write(to path: String) throws { try AtomicFile.write(try html(), to: path) }
}
