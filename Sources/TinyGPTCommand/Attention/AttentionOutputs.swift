import Console
import Foundation
import TinyGPT

/// The files that `tinygpt attention` writes, a line for each kind.
struct AttentionOutputs {
    private let files: [(path: String, write: (String) throws -> Void)]

    /// Whether a file was asked for: then no picture is printed.
    var isEmpty: Bool { files.isEmpty }

    /// Collects what the options ask for.
    ///
    /// - Throws: `UsageError` when two of them name the same file, or one cannot go to standard output.
    init(_ view: AttentionView, _ arguments: ParsedArguments) throws {
        let kinds: [(option: Option<String>, write: (String) throws -> Void)] = [
            (AttentionCommand.json, { try Self.writeText(try view.json.line(), to: $0) }),
            (AttentionCommand.html, { try view.page().write(to: $0) }),
            (
                AttentionCommand.svg,
                { try Self.writeText(AttentionDrawing(view.trace, view.choice, view.names).svg, to: $0) }
            ),
            (AttentionCommand.npy, { try view.array.writeNumPy(to: $0) }),
            (AttentionCommand.safetensors, { try view.array.writeSafetensors(to: $0) }),
        ]
        files = kinds.compactMap { kind in arguments[kind.option].map { ($0, kind.write) } }
        let filesOnly = [AttentionCommand.html, AttentionCommand.npy, AttentionCommand.safetensors]
        if let file = filesOnly.first(where: { arguments[$0] == "-" }) {
            throw UsageError(
                "\(file.declaration.longName) expects the name of a file; only --json and --svg can go to standard output (-)"
            )
        }
        // However its name is spelled.
        let places = files.map { $0.path == "-" ? "-" : FileStatus.resolvingSymbolicLinks(in: $0.path) }
        if let twice = zip(files, places).first(where: { pair in places.count(where: { $0 == pair.1 }) > 1 }) {
            throw UsageError(
                "two kinds of output would be written to \(twice.0.path.quoted); choose a different file for each")
        }
        for file in files where file.path != "-" { try AtomicFile.check(file.path) }
    }

    /// Writes all of them, with a notice for each.
    func write(isQuiet: Bool, _ view: AttentionView) throws {
        for file in files {
            try file.write(file.path)
            if !isQuiet, file.path != "-" { StandardStreams.note("wrote \(file.path.inOneLine): \(view.summary)\n") }
        }
    }

    private static func writeText(_ text: String, to path: String) throws {
        if path == "-" { try StandardStreams.output.write(text) } else { try AtomicFile.write(text, to: path) }
    }
}

extension AttentionView {
    /// `tinygpt attention --json`: the selected weights and the whole next-character distribution.
    var json: JSONValue {
        var object: [String: JSONValue] = [
            "characters": .array(characters.map { .text(String(Character($0))) }),
            "layers": .integer(trace.attention.count), "heads": .integer(trace.heads),
            "weights": .array(
                choice.layers.map { layer in
                    .array(
                        choice.heads.map { head in
                            .array(trace.weights(layer: layer, head: head).map { .array($0.map(JSONValue.number)) })
                        })
                }),
            "next": .array(
                trace.likeliestNext.map { next in
                    .object([
                        "character": .text(String(Character(vocabulary.characters[Int(next.token)]))),
                        "probability": .number(next.probability),
                    ])
                }),
        ]
        // The selection, where there is one.
        if let layer = choice.layer { object["layer"] = .integer(layer) }
        if let head = choice.head { object["head"] = .integer(head) }
        return .object(object)
    }
}
