import Foundation
import Testing

@testable import TinyGPT

@Suite("The explorer's page")
struct ExplorerPageTests {
    private static let vocabulary = Vocabulary(text: "ab <&\n".unicodeScalars)

    private static func model(_ kind: ModelKind = .classic) throws -> GPT {
        try ModelKind.strongModel(kind.configuration(vocabulary: vocabulary.count, context: 6), seed: 3)
    }

    private static func facts(_ model: GPT, run: String = "run") -> PageFacts {
        PageFacts(model, run: run, checkpoint: "best", step: 10, loss: 1.5, date: nil, version: "1")
    }

    /// The JSON inside a page.
    private static func data(of page: ExplorerPage) throws -> (text: String, object: [String: Any]) {
        let data = try #require(page.html().components(separatedBy: "id=\"data\">").dropFirst().first)
        let text = try #require(data.components(separatedBy: "</script>").first)
        return (text, try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]))
    }

    @Test("Nothing in a page's data can end the script element it stands in")
    func escaping() throws {
        let model = try Self.model()
        let facts = Self.facts(model, run: "</script><b>")
        let page = ExplorerPage(model, vocabulary: Self.vocabulary, facts: facts, text: "a<b")
        let (text, object) = try Self.data(of: page)
        #expect(!text.contains("<"))
        #expect((object["facts"] as? [String: Any])?["run"] as? String == "</script><b>")
        #expect(object["prompt"] as? String == "a<b")
    }

    @Test(
        "A page holds every weight of its model, matrices with the weights of each output together",
        arguments: ModelKind.each)
    func weights(kind: ModelKind) throws {
        let model = try Self.model(kind)
        let held = PageModel(model, vocabulary: Self.vocabulary, precision: .f32)
        let bytes = [UInt8](try #require(Data(base64Encoded: held.weights)))
        var values = stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(bitPattern: bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        }[...]
        #expect(values.count == model.parameterCount)
        #expect(held.description.parameters.map(\.name) == model.parameters.map(\.name))
        for (description, parameter) in zip(held.description.parameters, model.parameters) {
            let stored = Array(values.prefix(parameter.tensor.shape.count))
            values = values.dropFirst(stored.count)
            let isMatrix = ["qkv", "projection", "up", "gate_up", "down"].contains {
                parameter.name.hasSuffix(".\($0).weight")
            }
            let own = parameter.tensor.values
            guard isMatrix else {
                #expect(stored == own)
                continue
            }
            let (outputs, inputs) = (description.shape[0], description.shape[1])
            #expect([inputs, outputs] == parameter.tensor.shape.array)
            for index in own.indices { #expect(stored[index % outputs * inputs + index / outputs] == own[index]) }
        }
    }

    @Test("Weights take 16 bits when that is asked for, unless one of them is too large")
    func precision() throws {
        let model = try Self.model()
        let half = PageModel(model, vocabulary: Self.vocabulary, precision: .f16)
        #expect(half.description.precision == .f16)
        #expect(Data(base64Encoded: half.weights)?.count == 2 * model.parameterCount)
        model.parameters[0].tensor.buffer[0] = 70000
        #expect(PageModel(model, vocabulary: Self.vocabulary, precision: .f16).description.precision == .f32)
    }

    @Test("The same model makes the same page, with a text of its own")
    func sameBytes() throws {
        func page() throws -> String {
            let model = try Self.model()
            let text = try ExplorerPage.ownText(of: model, vocabulary: Self.vocabulary)
            #expect(text.unicodeScalars.count == 6)
            return try ExplorerPage(model, vocabulary: Self.vocabulary, facts: Self.facts(model), text: text).html()
        }
        #expect(try page() == page())
    }

    @Test(
        "A page opens at the selected head that matters most to its text, as a survey of the heads finds it",
        arguments: ModelKind.each)
    func opening(kind: ModelKind) throws {
        let (model, tokens): (GPT, [Int32]) = (try Self.model(kind), [1, 2, 0, 3, 2, 1])
        let survey = try HeadSurvey(of: model, on: TokenArray(tokens), spaces: [])
        for (layer, head) in [(nil, nil), (1, nil), (nil, 1), (0, 1)] as [(Int?, Int?)] {
            let choice = try HeadChoice(layer: layer, head: head, of: model.configuration)
            var page = ExplorerPage(model, vocabulary: Self.vocabulary, facts: Self.facts(model), text: "ab")
            page.open(at: choice, of: model, on: tokens)
            let selected = survey.reports.filter { choice.layers.contains($0.layer) && choice.heads.contains($0.head) }
            let best = try #require(selected.max { $0.importance.averaged.value < $1.importance.averaged.value })
            let object = try Self.data(of: page).object
            #expect(object["layer"] as? Int == best.layer && object["head"] as? Int == best.head)
        }
    }

    @Test(
        "Predictions go through bytes unchanged, and bytes of another text or model are none", arguments: ModelKind.each
    )
    func predictions(kind: ModelKind) throws {
        let trace = try ModelTrace(of: Self.model(kind), on: [1, 2, 0, 5])
        let predictions = Predictions(trace)
        let likeliest = trace.expectations().map { row in row.indices.max { row[$0] < row[$1] }! }
        #expect(predictions.next.map { Int($0[0].token) } == likeliest)
        #expect(predictions.lens.count == 2 && predictions.lens[1].map { Int($0.token) } == likeliest)
        let expected = -log2(Double(trace.expectations()[2][5]))
        let surprise = try #require(predictions.surprise[3])
        #expect(predictions.surprise[0] == nil && abs(surprise - expected) < 1e-3)
        let bytes = predictions.bytes
        #expect(Predictions(bytes: bytes, characters: 4, layers: 2, vocabulary: 6) == predictions)
        #expect(Predictions(bytes: bytes, characters: 4, layers: 2, vocabulary: 5) == nil)
        #expect(Predictions(bytes: bytes, characters: 3, layers: 2, vocabulary: 6) == nil)
        #expect(
            Predictions(bytes: Data(repeating: 255, count: bytes.count), characters: 4, layers: 2, vocabulary: 6) == nil
        )
    }

    @Test("Earlier snapshots bring what the model expected then")
    func history() throws {
        let (model, tokens) = (try Self.model(), try Self.vocabulary.encode("ab".unicodeScalars))
        let earlier = try ModelKind.strongModel(model.configuration, seed: 4)
        var page = ExplorerPage(
            try ModelTrace(of: model, on: tokens), vocabulary: Self.vocabulary, facts: Self.facts(model))
        let old = AttentionSnapshot(step: 1, loss: 3, maps: Data(repeating: 0, count: 12), predictions: nil)
        try page.add([old, AttentionSnapshot(earlier, tokens, step: 5, loss: 2)], upTo: 10, from: "probe.jsonl")
        let recording = try #require(Self.data(of: page).object["recording"] as? [String: Any])
        let history = try #require(recording["history"] as? [[String: Any]])
        #expect(history.map { $0["step"] as? Int } == [1, 5, 10])
        #expect(history[0]["next"] == nil)
        // Of the last there is nothing that the recording has not.
        #expect(Set(history[2].keys) == ["step"])
        for (found, model) in [(history[1], earlier), (recording, model)] {
            let next = try #require(found["next"] as? [[[Double]]])
            let expected = try ModelTrace(of: model, on: tokens).expectations()
            for (guesses, row) in zip(next, expected) { #expect(abs(guesses[0][1] - Double(row.max()!)) < 1e-4) }
        }
    }

    @Test("A recording holds earlier weights as differences from the snapshot after them")
    func differences() throws {
        let (model, tokens) = (try Self.model(), try Self.vocabulary.encode("ab a".unicodeScalars))
        let models = [try ModelKind.strongModel(model.configuration, seed: 4), model]
        var page = ExplorerPage(
            try ModelTrace(of: model, on: tokens), vocabulary: Self.vocabulary, facts: Self.facts(model))
        let snapshots = try models.enumerated().map { try AttentionSnapshot($1, tokens, step: 5 * $0, loss: 2) }
        try page.add(snapshots, upTo: 10, from: "probe.jsonl")
        let recording = try #require(Self.data(of: page).object["recording"] as? [String: Any])
        func bytes(_ code: Any?) throws -> [UInt8] {
            let code = try #require(code as? [String: Any])
            return try InspectionTests.decode(
                count: code["count"] as! Int, lengths: code["lengths"] as! String, bits: code["bits"] as! String)
        }
        let last = try bytes(recording["maps"])
        #expect(last == QuantizedWeights.all(try ModelTrace(of: model, on: tokens)))
        let history = try #require(recording["history"] as? [[String: Any]])
        // The second snapshot is of the last model, too.
        #expect(try bytes(history[1]["maps"]) == [UInt8](repeating: 0, count: last.count))
        #expect(try zip(bytes(history[0]["maps"]), last).map { $0 &+ $1 } == [UInt8](snapshots[0].maps))
    }

    @Test("A page holds the models of a training in 16 bits, the last one as it is, and leaves out what cannot be read")
    func models() throws {
        let model = try Self.model()
        let earlier = try [0, 5].map { ($0, try ModelKind.strongModel(model.configuration, seed: UInt64($0))) }
        func page() throws -> ExplorerPage {
            var page = ExplorerPage(model, vocabulary: Self.vocabulary, facts: Self.facts(model), text: "ab")
            page.add(
                [(0, 3), (2, 2.5), (5, 1)], of: 7, upTo: 10, loss: 2, vocabulary: Self.vocabulary,
                model: { step in earlier.first { $0.0 == step }?.1 })
            return page
        }
        let object = try Self.data(of: page()).object
        let history = try #require(object["history"] as? [[String: Any]])
        #expect(history.map { $0["step"] as? Int } == [0, 5, 10])
        #expect(history.map { $0["loss"] as? Double } == [3, 1, 2])
        for (moment, (_, model)) in zip(history, earlier) {
            let held = PageModel(model, vocabulary: Self.vocabulary, precision: .f16)
            #expect(moment["weights"] as? String == held.weights && moment["precision"] as? String == "f16")
        }
        #expect(history[2]["weights"] == nil && object["weights"] != nil)
        #expect(object["validations"] as? Int == 7)
        #expect(try page().html() == page().html())
    }

    @Test(
        "Of many snapshots the first, the best and the last are kept, and evenly spaced ones",
        arguments: [(1, 3), (3, 3), (4, 3), (10, 4), (21, 9), (100, 7)])
    func thinning(count: Int, most: Int) {
        for best in 0..<count {
            let losses = (0..<count).map { $0 == best ? 1.0 : 2 }
            let places = Thinning.places(losses, most: most)
            #expect(places == Array(Set(places)).sorted() && places.count == min(count, most))
            #expect(places.contains(best) && places.first == 0 && places.last == count - 1)
            let gaps = zip(places, places.dropFirst()).map { $1 - $0 }
            #expect((gaps.max() ?? 1) <= 2 * ((count - 1) / (most - 1) + 1))
        }
        #expect(Thinning.places([nil, nil, nil, nil, nil], most: 3) == [0, 2, 4])
    }

    @Test("A page has room for the first and the best snapshot of the largest model that keeps them")
    func limits() {
        let bytes = Data(count: 2 * ExplorerPage.mostParametersOfHistory).base64EncodedString().utf8.count
        #expect(2 * bytes <= Thinning.mostBytes)
        #expect(Thinning.mostBytes / ((2 * ExplorerPage.mostParametersOfHistory + 2) / 3 * 4) == 2)
    }

    @Test("A page lists what a survey has found of the neurons, in its order")
    func neurons() throws {
        let text = Array(String(repeating: "ab a\nba <&b\n", count: 30).unicodeScalars)
        let model = try Self.model()
        let survey = try NeuronSurvey(
            of: model, on: TokenArray(Self.vocabulary.encode(text)), vocabulary: Self.vocabulary, top: 2)
        func page() throws -> ExplorerPage {
            var page = ExplorerPage(model, vocabulary: Self.vocabulary, facts: Self.facts(model), text: "ab")
            page.add(survey, vocabulary: Self.vocabulary)
            return page
        }
        let found = try #require(Self.data(of: page()).object["neurons"] as? [String: Any])
        let list = try #require(found["list"] as? [[String: Any]])
        #expect(!list.isEmpty && list.count == survey.reports.count)
        #expect(found["windows"] as? Int == survey.windows && found["windowLength"] as? Int == 6)
        for (note, report) in zip(list, survey.reports) {
            #expect(note["layer"] as? Int == report.layer && note["neuron"] as? Int == report.neuron)
            #expect(note["kind"] as? String == report.follows.feature.kind.rawValue)
            for (key, value) in [
                ("correlation", report.follows.value), ("chance", report.follows.chance), ("cost", report.cost.value),
                ("error", report.cost.standardError),
            ] {
                #expect(try abs(#require(note[key] as? Double) - value) <= 0.50001e-4)
            }
            let (passage, expected) = (try #require(note["passage"] as? [String]), report.passages[0])
            #expect(passage[1] == Self.vocabulary.decode([expected.tokens[expected.index]]))
            #expect(Self.vocabulary.decode(expected.tokens).contains(passage.joined()))
        }
        #expect(try page().html() == page().html())
    }

    @Test("Snapshots of another text or model make no page")
    func foreignSnapshots() throws {
        let model = try Self.model()
        let trace = try ModelTrace(of: model, on: Self.vocabulary.encode("ab".unicodeScalars))
        var page = ExplorerPage(trace, vocabulary: Self.vocabulary, facts: Self.facts(model))
        let other = try AttentionSnapshot(model, [1, 2, 3], step: 5, loss: 1)
        #expect(
            throws: TinyGPTError.badFile("probe.jsonl", problem: "has 24 weights at step 5, expected 12 for its text")
        ) {
            try page.add([other], upTo: 10, from: "probe.jsonl")
        }
    }
}
