import EmbeddedTexts
import Foundation

/// A page of one HTML file that loads nothing: styles and scripts are inside it, around the data.
struct PageTemplate {
    private let beginning: String
    private let end: String

    /// - Parameters:
    ///   - title: The title of the document.
    ///   - body: What is in it, before the data and the scripts.
    ///   - styles: The style sheets in order.
    ///   - scripts: The scripts in order; they share one scope.
    init(title: String, body: EmbeddedText, styles: [EmbeddedText], scripts: [EmbeddedText]) {
        func joined(_ parts: [EmbeddedText]) -> String {
            parts.map { String(decoding: $0.utf8, as: UTF8.self) }.joined(separator: "\n")
        }
        let document = joined([pageHTML()])
            .replacingOccurrences(of: "<!--title-->", with: title)
            .replacingOccurrences(of: "<!--body-->\n", with: joined([body]))
            .replacingOccurrences(of: "/*style*/", with: joined(styles))
            .replacingOccurrences(of: "/*script*/", with: joined(scripts))
        let parts = document.components(separatedBy: "/*data*/")
        precondition(parts.count == 2, "a page has \(parts.count - 1) places for its data, expected 1")
        (beginning, end) = (parts[0], parts[1])
    }

    /// The document with data inside.
    ///
    /// - Parameter data: What the scripts read as JSON.
    /// - Returns: The text of the file.
    /// - Throws: What the JSON encoder throws.
    func html(_ data: some Encodable) throws -> String {
        // No "<" may appear inside a script element: "</script" would end it.
        beginning
            + (try JSONEncoder.text(of: data, .withoutEscapingSlashes)).replacingOccurrences(of: "<", with: "\\u003c")
            + end
    }
}
