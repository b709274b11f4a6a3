import Console
import Foundation
import TinyGPT

/// Attention as a terminal shows it.
struct AttentionPicture {
    private let view: AttentionView
    private let style: TerminalStyle

    init(_ view: AttentionView, _ style: TerminalStyle) {
        self.view = view
        self.style = style
    }

    /// One head in full, or small maps of several and the last character's row in each, and what may come next.
    var text: String {
        let (layers, heads) = (view.choice.layers, view.choice.heads)
        let picture = layers.count * heads.count == 1 ? headMap(layers[0], heads[0]) : smallMaps + "\n" + lastRows
        let next = view.trace.likeliestNext.prefix(8).map { next in
            let sign = VisibleText.sign(view.vocabulary.characters[Int(next.token)], style)
            return sign + String(format: " %.0f%%", next.probability * 100)
        }
        return picture + "\nnext character: " + next.joined(separator: "  ") + "\n"
    }

    private var characters: [Unicode.Scalar] { view.characters }

    /// The maps of all chosen heads, those of a layer beside each other.
    private var smallMaps: String {
        let gap = 2
        let heads = view.choice.heads
        // As many heads beside each other as have room: whole where one layer is looked at, else in as few as four cells.
        let least = view.choice.layers.count > 1 ? min(4, characters.count) : characters.count
        let together = min(heads.count, max(1, (style.width + gap) / (least + gap)))
        let columns = max(1, (style.width + gap) / together - gap)
        let step = (characters.count + columns - 1) / columns
        let size = step > 1 ? ", \(step) x \(step) in a cell, which shows the largest" : ""
        var text = caption("every character (line) and those it looks at (column)" + size)
        for layer in view.choice.layers {
            for first in stride(from: 0, to: heads.count, by: together) {
                let row = heads[first..<min(heads.count, first + together)]
                let maps = row.map { SmallMap(view.trace.weights(layer: layer, head: $0), step: step) }
                let names = row.map { maps[0].width >= 14 ? "layer \(layer) head \($0)" : "\(layer).\($0)" }
                let width = max(maps[0].width, names.map(\.count).max() ?? 0) + gap
                // No gap after the last: it would reach beyond the terminal's edge.
                let labels =
                    names.dropLast().map { $0.padding(toLength: width, withPad: " ", startingAt: 0) } + [names.last!]
                let lines = maps.enumerated().map { index, map in
                    map.lines(HeatScale(style), gap: index < maps.count - 1 ? width - map.width : 0)
                }
                text += "\n" + labels.joined() + "\n"
                text += lines[0].indices.map { index in lines.map { $0[index] }.joined() + "\n" }.joined()
            }
        }
        return text
    }

    /// What a picture shows, in lines no wider than it may be.
    private func caption(_ text: String) -> String {
        TextLayout.wrap(text, width: style.width).joined(separator: "\n") + "\n"
    }

    /// The last characters, as many as fit beside a label of this width.
    private func shown(beside label: Int) -> Range<Int> {
        max(0, characters.count - max(8, style.width - label - 1))..<characters.count
    }

    private func header(_ range: Range<Int>) -> String {
        characters[range].map { VisibleText.sign($0, style) }.joined()
    }

    private func cutNotice(_ range: Range<Int>) -> String {
        range.lowerBound == 0 ? "" : "(the last \(range.count) of \(characters.count) characters)\n"
    }

    private var lastRows: String {
        let range = shown(beside: 25)
        let scale = HeatScale(style)
        let last = VisibleText.sign(characters[characters.count - 1], style)
        var lines = ["where the last character, \(last), looks; . is nothing, @ is everything\n" + cutNotice(range)]
        lines.append("              most  " + header(range) + "\n")
        for layer in view.choice.layers {
            for head in view.choice.heads {
                let row = view.trace.weights(layer: layer, head: head)[characters.count - 1]
                let label = "layer \(layer) head \(head)".padding(toLength: 15, withPad: " ", startingAt: 0)
                lines.append(
                    "\(label)\(String(format: "%3.0f%%", (row.max() ?? 0) * 100)) \(scale.cells(row[range]))\n")
            }
        }
        return lines.joined()
    }

    /// The triangle of one head: a line for each character, with where it looks most.
    private func headMap(_ layer: Int, _ head: Int) -> String {
        let range = shown(beside: 12)
        let scale = HeatScale(style)
        var lines = [
            caption(
                "layer \(layer), head \(head): each line is a character, each column one it may look at; "
                    + ". is nothing, @ is everything") + cutNotice(range),
            "  " + header(range) + "\n",
        ]
        let weights = view.trace.weights(layer: layer, head: head)
        for query in range {
            let row = weights[query]
            let most = (0...query).max { row[$0] < row[$1] } ?? 0
            lines.append(
                VisibleText.sign(characters[query], style) + " " + scale.cells(row[range.lowerBound...query])
                    + String(repeating: " ", count: range.upperBound - query)
                    + VisibleText.sign(characters[most], style) + String(format: " %.0f%%", row[most] * 100) + "\n")
        }
        return lines.joined()
    }
}
