import EmbeddedTexts
import Foundation

/// A page that compares runs: a table to sort, their losses laid over each other, and in what their settings differ. One HTML
/// file that needs nothing else.
public struct ComparisonPage {
    private var data: PageData

    private struct PageData: Encodable {
        var written: Int
        var runs: [Run]
    }

    private struct Run: Encodable {
        let name: String
        /// The address of its own page, where it has one.
        let page: String?
        let started: String?
        let step: Int?
        let steps: Int?
        let seconds: Double?
        let parameters: Int?
        let best, last: RunSummary.Measurement?
        let training, validations: RunPage.Curve
        let settings: [RunPage.SettingRow]
    }

    /// The page of some runs.
    ///
    /// - Parameters:
    ///   - runs: The runs, each with its settings as text; the same settings of all.
    ///   - path: Where the page will be, from which it links to those of the runs.
    public init(_ runs: [(summary: RunSummary, settings: [RunPage.SettingRow])], at path: String) {
        let folder = FileStatus.absolute(FileStatus.parentFolder(of: path))
        data = PageData(
            written: Int(Date().timeIntervalSince1970),
            runs: runs.map { run, settings in
                let configuration = run.configuration
                return Run(
                    name: run.folder.name, page: Self.address(of: run.folder.pagePath, from: folder),
                    started: configuration?.started, step: run.step, steps: configuration?.training.steps,
                    seconds: run.seconds, parameters: configuration?.parameters, best: run.best, last: run.last,
                    training: .init(run.metrics.points.points), validations: .init(run.metrics.validations.elements),
                    settings: settings)
            })
    }

    /// The address of a page: relative below the folder that links to it, so that both can be moved.
    private static func address(of page: String, from folder: String) -> String? {
        guard FileStatus.type(at: page) != nil else { return nil }
        let path = FileStatus.absolute(page)
        guard path.utf8.starts(with: (folder + "/").utf8) else { return URL(fileURLWithPath: path).absoluteString }
        let rest = String(decoding: path.utf8.dropFirst(folder.utf8.count + 1), as: UTF8.self)
        // A colon in the first name would end the scheme of an address.
        return rest.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed).map { "./" + $0 }
    }

    private static let template = PageTemplate(
        title: "TinyGPT runs", body: comparisonHTML(), styles: [pageStyle(), chartStyle(), comparisonStyle()],
        scripts: [chartScripts(), comparisonScript()])

    /// The page as one HTML document, with its data, styles and scripts inside; it loads nothing.
    ///
    /// - Returns: The text of the file.
    /// - Throws: What the JSON encoder throws.
    public func html() throws -> String { try Self.template.html(data) }

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func write(to path: String) throws { try AtomicFile.write(try html(), to: path) }
}
