import TinyGPT

/// `tinygpt attention --json`: every weight that was asked for, and what may come next.
struct AttentionJSON {
    let value: JSONValue

    init(_ view: AttentionView) {
        let trace = view.trace
        var object: [String: JSONValue] = [
            "characters": .array(view.characters.map { .text(String(Character($0))) }),
            "layers": .integer(trace.attention.count), "heads": .integer(view.heads),
            "weights": .array(
                view.choice.layers.map { layer in
                    .array(
                        view.choice.heads.map { head in
                            .array(trace.weights(layer: layer, head: head).map { .array($0.map(JSONValue.number)) })
                        })
                }),
            "next": .array(
                trace.likeliestNext.map { next in
                    .object([
                        "character": .text(String(Character(view.vocabulary.characters[Int(next.token)]))),
                        "probability": .number(next.probability),
                    ])
                }),
        ]
        // Where only some were asked for, which they are.
        if let layer = view.choice.layer { object["layer"] = .integer(layer) }
        if let head = view.choice.head { object["head"] = .integer(head) }
        value = .object(object)
    }
}
