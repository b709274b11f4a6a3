import Foundation
import TinyGPT

/// `tinygpt attention` at work.
struct AttentionSession {
    private let arguments: ParsedArguments
    private let stored: StoredModel
    private let map: AttentionMap
    private let layers: [Int], heads: [Int]
    private let style: TerminalStyle

    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        style = TerminalStyle(descriptor: STDOUT_FILENO, arguments: arguments)
        stored = try StoredModel(arguments)
        let sizes = stored.model.configuration
        layers = try Self.choice("layer", arguments, of: sizes.layers)
        heads = try Self.choice("head", arguments, of: sizes.heads)
        let tokens = try stored.encode(arguments.text("prompt") ?? "")
        guard !tokens.isEmpty else {
            throw TinyGPTError(.usage, "--prompt is empty; give at least one character to look at")
        }
        if tokens.count > sizes.context {
            StandardStreams.note(
                "the prompt has \(tokens.count) characters; looking at the last \(sizes.context), the model's context\n"
            )
        }
        map = try AttentionMap(of: stored.model, on: tokens.suffix(sizes.context))
    }

    private static func choice(_ option: String, _ arguments: ParsedArguments, of count: Int) throws -> [Int] {
        guard let number = arguments.integer(option) else { return Array(0..<count) }
        guard number < count else {
            throw TinyGPTError(.usage, "--\(option) \(number): the model has \(count), numbered 0 to \(count - 1)")
        }
        return [number]
    }

    func run() throws {
        switch arguments.text("json") {
        case nil: try StandardStreams.output.write(text)
        case "-": try StandardStreams.output.write(json.line())
        case let path?: try TextOutput.write(try json.line(), to: path)
        }
    }

    private var characters: [Unicode.Scalar] { map.tokens.map { stored.checkpoint.vocabulary.characters[Int($0)] } }

    // MARK: JSON

    private var json: JSONValue {
        .object([
            "characters": .array(characters.map { .text(String(Character($0))) }),
            "layers": .integer(map.layers.count), "heads": .integer(stored.model.configuration.heads),
            "weights": .array(
                layers.map { layer in
                    .array(
                        heads.map { head in
                            .array(map.weights(layer: layer, head: head).map { .array($0.map(JSONValue.number)) })
                        })
                }),
            "next": .array(
                map.likeliestNext.map { next in
                    .object([
                        "character": .text(String(Character(stored.checkpoint.vocabulary.characters[Int(next.token)]))),
                        "probability": .number(next.probability),
                    ])
                }),
        ])
    }

    // MARK: Text

    /// One head in full, or the last character's row of several heads below each other, and what may come next.
    private var text: String {
        let picture = layers.count == 1 && heads.count == 1 ? headMap(layers[0], heads[0]) : lastRows
        let next = map.likeliestNext.prefix(8).map { next in
            let sign = VisibleText.sign(stored.checkpoint.vocabulary.characters[Int(next.token)], style)
            return sign + String(format: " %.0f%%", next.probability * 100)
        }
        return picture + "\nnext character: " + next.joined(separator: "  ") + "\n"
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
        for layer in layers {
            for head in heads {
                let row = map.weights(layer: layer, head: head)[characters.count - 1]
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
            "layer \(layer), head \(head): each line is a character, each column one it may look at; "
                + ". is nothing, @ is everything\n" + cutNotice(range),
            "  " + header(range) + "\n",
        ]
        let weights = map.weights(layer: layer, head: head)
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
