import Foundation
import Testing

@testable import TinyGPT

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("Inspection")
struct InspectionTests {
    private static let vocabulary = Vocabulary(text: "ab <&\n".unicodeScalars)

    private static func model(_ kind: ModelKind = .classic) throws -> GPT {
        try ModelKind.strongModel(kind.configuration(vocabulary: vocabulary.count, context: 6), seed: 3)
    }

    private static func trace(_ text: String, _ kind: ModelKind = .classic) throws -> ModelTrace {
        try ModelTrace(of: model(kind), on: vocabulary.encode(text.unicodeScalars))
    }

    private static func decode(_ code: HuffmanCode) throws -> [UInt8] {
        try decode(count: code.count, lengths: code.lengths, bits: code.bits)
    }

    /// Decodes bit by bit, from the definition of a canonical code.
    static func decode(count: Int, lengths: String, bits: String) throws -> [UInt8] {
        let lengths = [UInt8](try #require(Data(base64Encoded: lengths))).map { Int($0) }
        var codes: [String: UInt8] = [:]
        var next = 0
        for length in 1...15 {
            next <<= 1
            for byte in 0..<256 where lengths[byte] == length {
                let digits = String(next, radix: 2)
                codes[String(repeating: "0", count: length - digits.count) + digits] = UInt8(byte)
                next += 1
            }
        }
        var (bytes, word): ([UInt8], String) = ([], "")
        for byte in try #require(Data(base64Encoded: bits)) {
            for bit in (0..<8).reversed() where bytes.count < count {
                word += byte >> bit & 1 == 1 ? "1" : "0"
                if let found = codes[word] {
                    bytes.append(found)
                    word = ""
                }
            }
        }
        return bytes
    }

    @Test("A Huffman code gives back the bytes, and is shorter where few of them are frequent")
    func huffman() throws {
        let skewed = (0..<4000).map { UInt8(truncatingIfNeeded: ($0 * $0) % 7 == 0 ? $0 % 256 : 5) }
        // Frequencies like Fibonacci's numbers would make codes longer than the limit.
        var fibonacci: [UInt8] = []
        var (a, b) = (1, 1)
        for byte in 0..<24 {
            fibonacci += [UInt8](repeating: UInt8(byte), count: a)
            (a, b) = (b, a + b)
        }
        for bytes in [[], [7], [7, 7, 7], Array(0...255), skewed, fibonacci] {
            #expect(try Self.decode(HuffmanCode(bytes)) == bytes)
        }
        #expect(HuffmanCode(skewed).bits.count < skewed.count * 2 / 3)
    }

    @Test("Quantized weights are within half a step of the square root")
    func quantized() {
        for index in 0...1000 {
            let weight = Float(index) / 1000
            let root = Float(QuantizedWeights.byte(weight)) / 255
            #expect(abs(root - weight.squareRoot()) <= 0.5 / 255 + 1e-6)
        }
        #expect(QuantizedWeights.triangle([[1, 9, 9], [0.25, 0, 9], [0, 0, 1]]) == [255, 128, 0, 0, 0, 255])
    }

    @Test(
        "The logit lens ends with what the model expects, and queries and keys give the weights",
        arguments: ModelKind.each)
    func trace(kind: ModelKind) throws {
        let trace = try Self.trace("ab a", kind)
        let model = try Self.model(kind)
        let logits = model(trace.tokens, batch: 1, .inference).values
        #expect(trace.logits.last?.values == logits)
        let mixed = trace.queryKeyValue[1].values
        for query in 0..<4 {
            for key in 0...query {
                let product = (4..<8).reduce(Float(0)) { $0 + mixed[query * 24 + $1] * mixed[key * 24 + 8 + $1] }
                let expected = exp(product / 2 - trace.logSums[1].values[4 + query])
                #expect(abs(trace.weights(layer: 1, head: 1)[query][key] - expected) < 1e-5)
            }
        }
    }

    @Test("A model whose numbers have grown beyond all bounds is refused in words")
    func diverged() throws {
        let model = try Self.model()
        for parameter in model.parameters { parameter.tensor.buffer[0] = 3e38 }
        let error = #expect(throws: TinyGPTError.self) { _ = try ModelTrace(of: model, on: [0, 1, 0]) }
        #expect(error?.kind == .badData)
    }

    @Test(
        "What sampling looked at, taken from its cache, is what reading the window afresh looks at",
        arguments: ModelKind.each)
    func cachedAttention(kind: ModelKind) throws {
        let model = try Self.model(kind)
        let text = try ExplainedText(
            model, prompt: [1, 2, 3], sampler: Sampler(temperature: 1), seed: 4, length: 20, recordsAttention: true,
            report: { _ in true })
        let tokens = text.prompt + text.choices.map(\.token)
        #expect(text.attention.count == 22)
        #expect(text.starts.contains { $0 > 0 })
        for (query, layers) in text.attention.enumerated() {
            let fresh = try ModelTrace(of: model, on: Array(tokens[text.starts[query]...query]))
            for (layer, heads) in layers.enumerated() {
                for (head, row) in heads.enumerated() {
                    let expected = fresh.weights(layer: layer, head: head)[query - text.starts[query]]
                    #expect(row.count == expected.count)
                    for (a, b) in zip(row, expected) { #expect(abs(a - b) < 1e-5) }
                }
            }
        }
        let plain = Generator(model, prompt: [1, 2, 3], sampler: Sampler(temperature: 1), seed: 4)
        #expect(try text.choices.map(\.token) == (0..<20).map { _ in try plain.next() })
        for choice in text.choices {
            #expect(choice.probability > 0 && choice.probability <= 1)
            #expect(choice.entropy >= 0 && choice.entropy <= log2(Double(Self.vocabulary.count)) + 1e-9)
        }
    }

    @Test("A drawing is well-formed XML and says what it is", arguments: [nil, 1])
    func drawing(head: Int?) throws {
        let trace = try Self.trace("a<b&\n ")
        let choice = try HeadChoice(layer: head, head: head, of: try Self.model().configuration)
        let names = trace.tokens.map { Vocabulary.visibleName(of: Self.vocabulary.characters[Int($0)]) }
        let svg = AttentionDrawing(trace, choice, names).svg
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(svg.contains("<title>Attention of"))
        #expect(svg.contains("The text: a&lt;b&amp;⏎␣"))
        #expect(AttentionDrawing.escaped("\u{1}\u{FFFE}<") == "\u{FFFD}\u{FFFD}&lt;")
    }

    @Test("The header of a .npy file is NumPy's own")
    func numpy() {
        for (shape, text) in [([], "()"), ([3], "(3,)"), ([2, 3], "(2, 3)"), ([4, 4, 10, 10], "(4, 4, 10, 10)")] {
            let header = NumPyFile.header(shape)
            #expect(header.count == 128)
            #expect(Array(header[..<10]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 0x76, 0])
            let description = String(decoding: header[10...], as: UTF8.self)
            #expect(description.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': \(text), } "))
            #expect(description.hasSuffix(" \n"))
        }
    }

    @Test("A probe goes on after the checkpoint's step, and a cut line is left out")
    func probe() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/probe.jsonl"
        let model = try Self.model()
        var log = try ProbeLog(creatingAt: path, text: "ab")
        for step in [0, 10, 20] { try log.append(AttentionSnapshot(model, [1, 2], step: step, loss: 1)) }
        var progress = Checkpoint.Progress()
        progress.step = 10
        let checkpoint = Checkpoint(
            model, Optimizer(model.parameters), vocabulary: Self.vocabulary,
            settings: Preset.cpu.recipe(characters: 0).training,
            progress: progress, data: .init(sha256: "", files: []))
        log = try ProbeLog(resumingAt: path, from: checkpoint)
        #expect(log.text == "ab")
        try log.append(AttentionSnapshot(model, [1, 2], step: 15, loss: 0.5))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try (bytes + Data("{\"step\":16,".utf8)).write(to: URL(fileURLWithPath: path))
        let (_, snapshots) = try ProbeLog.read(path, for: checkpoint)
        #expect(snapshots.map(\.step) == [0, 10, 15])
        #expect(snapshots.allSatisfy { $0.maps.count == 4 * 3 })
        #expect(throws: TinyGPTError.self) { try ProbeLog.read(folder.write("other", "no probe\n"), for: checkpoint) }
    }
}
