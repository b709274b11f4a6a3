import Foundation

/// The attention explorer: one HTML file that needs nothing else, neither a network nor a program beside the browser.
///
/// Its parts are real files in `Parts/`, compiled into the program.
public struct ExplorerPage {
    private var data: PageData

    init(_ data: PageData) { self.data = data }

    /// The page of a text that a model has read.
    ///
    /// - Parameters:
    ///   - trace: The model's run on a text.
    ///   - heads: Heads of each layer.
    ///   - vocabulary: Turns tokens into characters.
    ///   - title: What model it is.
    ///   - notice: What the reader has to know about the text, such as that its beginning was left out.
    public init(_ trace: ModelTrace, heads: Int, vocabulary: Vocabulary, title: String, notice: String? = nil) {
        data = PageData(trace, heads: heads, vocabulary: vocabulary, title: title, notice: notice)
    }

    /// Adds what each head does and is worth, by which the page can sort them.
    public mutating func add(_ survey: HeadSurvey) { data.notes = survey.reports.map(PageData.HeadNote.init) }

    /// Adds how the attention on this text came about, as a slider over the training.
    ///
    /// - Parameters:
    ///   - snapshots: From the run's probe, on the same text.
    ///   - step: How many steps the model of this page has made; what is shown last.
    public mutating func add(_ snapshots: [AttentionSnapshot], upTo step: Int) {
        let before = snapshots.filter { $0.step < step }
        let loss = snapshots.last { $0.step == step }?.loss
        data.history =
            before.map { .init(step: $0.step, loss: $0.loss, maps: HuffmanCode(Array($0.maps))) }
            + [.init(step: step, loss: loss, maps: data.maps)]
    }

    /// The file.
    ///
    /// - Throws: Nothing for data that can be written as JSON, which this is.
    public func html() throws -> String {
        // Inside a script element no "<" may stand: "</script" would end it.
        let json = String(decoding: try JSONEncoder().encode(data), as: UTF8.self)
            .replacingOccurrences(of: "<", with: "\\u003c")
        let script = [
            PackageResources.data_js, PackageResources.colors_js, PackageResources.state_js, PackageResources.text_js,
            PackageResources.map_js, PackageResources.details_js, PackageResources.history_js,
            PackageResources.main_js,
        ].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        return String(decoding: PackageResources.explorer_html, as: UTF8.self)
            .replacingOccurrences(of: "/*style*/", with: String(decoding: PackageResources.explorer_css, as: UTF8.self))
            .replacingOccurrences(of: "/*script*/", with: script)
            .replacingOccurrences(of: "/*data*/", with: json)
    }

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func write(to path: String) throws { try AtomicFile.write(try html(), to: path) }
}
