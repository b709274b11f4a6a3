import Autograd
import Foundation
import Layers
import Testing

@testable import Kernels
@testable import KernelsTests
@testable import TinyGPT

@Suite("The model")
struct GPTTests {
    @Test(
        "The gradient of every named parameter is that of finite differences",
        arguments: ModelKind.all + ModelKind.eachAndTables.suffix(1))
    func gradients(kind: ModelKind) throws {
        let model = try ModelKind.strongModel(kind.configuration(dropout: 0.2), seed: 3)
        let (tokens, targets): ([Int32], [Int32]) = ([0, 3, 6, 1, 2, 5, 5, 4, 0, 1], [3, 6, 1, 2, 5, 5, 4, 0, 1, 6])
        let mode = Mode.training(seed: 1, step: 4)
        let gradients = model.loss(tokens, targets: targets, batch: 2, mode).gradients()
        for parameter in model.parameters {
            let buffer = parameter.tensor.buffer
            let actual = gradients[parameter.tensor].values
            for element in stride(from: 0, to: buffer.count, by: max(1, buffer.count / 5)) {
                let original = buffer[element]
                func loss(at offset: Float) -> Double {
                    buffer[element] = original + offset
                    defer { buffer[element] = original }
                    return Double(model.loss(tokens, targets: targets, batch: 2, mode).scalar)
                }
                let h: Float = 0.01
                let expected =
                    (loss(at: -2 * h) - 8 * loss(at: -h) + 8 * loss(at: h) - loss(at: 2 * h)) / Double(12 * h)
                #expect(
                    abs(Double(actual[element]) - expected) < 2e-4 + 1e-2 * abs(expected),
                    "\(parameter.name)[\(element)]: \(actual[element]), not \(expected)")
            }
        }
    }

    @Test(
        "What comes later changes nothing before it, to the bit",
        arguments: ModelKind.all + ModelKind.eachAndTables.suffix(1))
    func causality(kind: ModelKind) throws {
        let model = try ModelKind.strongModel(kind.configuration(), seed: 3)
        let before = model([1, 2, 3, 4, 5], batch: 1, .inference).values
        for position in 1..<5 {
            var tokens: [Int32] = [1, 2, 3, 4, 5]
            tokens[position] = 6
            let after = model(tokens, batch: 1, .inference).values
            #expect(before[..<(position * 7)] == after[..<(position * 7)])
            #expect(before[(position * 7)...] != after[(position * 7)...])
        }
    }

    @Test(
        "A text sampled with a cache equals recomputation from its window, also past the context",
        arguments: ModelKind.eachAndTables)
    func cache(kind: ModelKind) throws {
        let model = try ModelKind.strongModel(kind.configuration(context: 6), seed: 5)
        let generator = Generator(model, prompt: [1, 2], sampler: Sampler(temperature: 1), seed: 9)
        var text: [Int32] = [1, 2]
        var start = 0
        for _ in 0..<40 {
            // The window slides when it is full: its last half is read again.
            if text.count - start > 6 { start = text.count - 3 }
            let cached = generator.logits()[0]
            let fresh = model(Array(text[start...]), batch: 1, .inference).values.suffix(7)
            #expect(cached.count == 7)
            for (a, b) in zip(cached, fresh) { #expect(abs(a - b) < 1e-5) }
            let token = Int32(text.count * 5 % 7)
            text.append(token)
            generator.append([token])
        }
    }

    @Test(
        "Texts written side by side are those written one by one", arguments: [1, 2, 3, 5, 8], ModelKind.eachAndTables)
    func sideBySide(count: Int, kind: ModelKind) throws {
        let model = try ModelKind.strongModel(
            kind.configuration(vocabulary: 40, width: 48, context: 6), seed: 5)
        let sampler = Sampler(temperature: 1)
        for weights in WeightFormat.allCases {
            let together = Generator(
                model, prompt: [1, 2], sampler: sampler, seed: 9, numbers: 3..<3 + count, weights: weights)
            let texts = try (0..<30).map { _ in try together.nextOfEach() }
            for number in 0..<count {
                let alone = Generator(
                    model, prompt: [1, 2], sampler: sampler, seed: 9, numbers: 3 + number..<4 + number,
                    weights: weights)
                #expect(try (0..<30).map { _ in try alone.next() } == texts.map { $0[number] })
            }
        }
    }

    /// Prompts of 7 to 48 tokens are few rows for one text and many for eight; after the longer ones the window slides. With a
    /// width of 144 the feed-forward layer sums over more than 512 channels.
    @Test(
        "The logits of texts side by side have the bits of one text alone, whatever the prompt",
        arguments: ModelKind.eachAndTables)
    func sideBySideAfterPrompt(kind: ModelKind) throws {
        // A modern feed-forward layer of width 208 sums over 560 channels.
        let width = kind.architecture == .classic ? 144 : 208
        let heads = kind.architecture == .classic ? 3 : 4
        let model = try ModelKind.strongModel(
            kind.configuration(vocabulary: 40, heads: heads, width: width, context: 64), seed: 5)
        let sampler = Sampler(temperature: 1)
        for length in [1, 7, 20, 48, 60] {
            let prompt = (0..<length).map { Int32($0 * $0 % 40) }
            let together = Generator(model, prompt: prompt, sampler: sampler, seed: 9, numbers: 0..<8)
            let alone = Generator(model, prompt: prompt, sampler: sampler, seed: 9)
            for _ in 0..<40 {
                #expect(together.logits()[0] == alone.logits()[0], "\(length)")
                #expect(try together.nextOfEach()[0] == alone.next(), "\(length)")
            }
        }
    }

    /// With the larger vocabulary the logits are shared out as well.
    @Test(
        "A model large enough for several threads gives the same logits, to the bit, as on one, and as read afresh",
        arguments: [40, 2100], ModelKind.eachAndTables)
    func threadsInStep(vocabulary: Int, kind: ModelKind) throws {
        let configuration = kind.configuration(vocabulary: vocabulary, heads: 3, width: 126, context: 48)
        let model = try ModelKind.strongModel(configuration, seed: 5)
        let text = (0..<60).map { Int32($0 * $0 % 40) }
        /// The logits after every token, and the most threads that took part in a step.
        func logits() -> (values: [[Float]], threads: Int) {
            let generator = Generator(model, prompt: [text[0]], sampler: Sampler(temperature: 1), seed: 9)
            var threads = 0
            let values = text.dropFirst().map { token in
                defer { generator.append([token]) }
                let logits = generator.logits()[0]
                threads = max(threads, generator.decoder.threads)
                return logits
            }
            return (values, threads)
        }
        let alone = Parallel.withThreads(1) { logits().values }
        // Where other tests use the threads, or one was preempted, a step runs on one; they end before the time does.
        let deadline = Date(timeIntervalSinceNow: 600)
        var (most, runs) = (1, 0)
        while runs < 10 || most == 1 && Parallel.processors > 1 && Date() < deadline {
            let (values, threads) = Parallel.withThreads(3) { logits() }
            #expect(values == alone)
            (most, runs) = (max(most, threads), runs + 1)
            if runs > 10 { Thread.sleep(forTimeInterval: 0.01) }
        }
        #expect(most == min(3, Parallel.processors) || Parallel.processors > 2 && most == 2)
        for length in [1, 2, 30, 48] {
            let fresh = model(Array(text[..<length]), batch: 1, .inference).values.suffix(vocabulary)
            #expect(alone[length - 1].count == vocabulary)
            for (a, b) in zip(alone[length - 1], fresh) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test("The presets have the published numbers of parameters, and know nothing at first")
    func presets() throws {
        var configuration = Preset.cpu.recipe(vocabulary: 65, characters: 0).model
        // 4 blocks of 12 d^2 + 2 d, a final norm, an embedding and a head; a modern block has 4 d^2 for attention, 3 d x 352 for
        // the feed-forward layer and two gains of 32 more.
        for (architecture, block) in [
            (Architecture.classic, 12 * 128 * 128 + 2 * 128),
            (.modern, 4 * 128 * 128 + 3 * 128 * 352 + 2 * 128 + 2 * 32),
        ] {
            configuration.architecture = architecture
            let cpu = try GPT(configuration, seed: 1)
            #expect(cpu.parameterCount == 4 * block + 128 + 2 * 65 * 128)
            let loss = cpu.loss(
                [Int32](repeating: 3, count: 64), targets: (0..<64).map { Int32($0) }, batch: 1, .inference)
            #expect(abs(loss.scalar - 4.174) < 0.1)
        }
    }

    @Test(
        "Arguments that no model can have end the process with a message",
        arguments: [
            "caches": "1 caches for 2 blocks", "batch": "2 tokens are not 0 texts of the same length",
            "context": "a context of 0 characters", "norm": "an update with a norm of nan at a learning rate of 0.1",
            "rate": "an update with a norm of 1.0 at a learning rate of inf",
        ])
    func misuse(call: String, message: String) async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [call] in
            let model = try GPT(ModelKind.classic.configuration(), seed: 1)
            let shape = AttentionShape(batch: 1, heads: 2, time: 5, headWidth: 4)
            switch call {
            case "caches":
                model.decode([KeyValueCache(shape)], in: DecodeProgram(texts: 1, shards: 2, capacity: 5))
            case "batch": _ = model([1, 2], batch: 0, .inference)
            case "context": _ = Evaluation.positions(context: 0)
            default:
                let gradients = model.loss([1], targets: [2], batch: 1, .inference).gradients()
                Optimizer(model.parameters).update(
                    gradients, norm: call == "norm" ? .nan : 1, learningRate: call == "rate" ? .infinity : 0.1)
            }
        }
        expectMessage(message, result)
    }

    @Test("A modern model is refused biases and heads of an odd width, a classic one is not")
    func modernLimits() throws {
        var configuration = ModelKind.modern.configuration(heads: 2, width: 10)
        #expect(throws: TinyGPTError.oddHeadWidth(heads: 2, width: 10)) { try configuration.validate() }
        configuration.architecture = .classic
        try configuration.validate()
        configuration = ModelKind(architecture: .modern, bias: true).configuration()
        #expect(throws: TinyGPTError.biasesInModernModel) { try configuration.validate() }
    }

    @Test(
        "A classic configuration is stored as it was before there was another architecture, and read from such a file")
    func storedConfiguration() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for (kind, start) in [(ModelKind.classic, "{"), (.modern, #"{"architecture":"modern","#)] {
            let configuration = kind.configuration()
            let bytes = try encoder.encode(configuration)
            let sizes =
                #""bias":false,"context":5,"dropout":0,"heads":2,"layers":2,"tied":false,"vocabulary":7,"width":8"#
            #expect(String(decoding: bytes, as: UTF8.self) == start + sizes + "}")
            #expect(try JSONDecoder().decode(GPT.Configuration.self, from: bytes) == configuration)
        }
    }

    @Test("Scores of a modern model depend on distances: a text has the same attention wherever its window begins")
    func translation() throws {
        let model = try ModelKind.strongModel(ModelKind.modern.configuration(layers: 1, context: 12), seed: 3)
        let text: [Int32] = [3, 1, 4, 1, 5]
        let (early, late) = (try ModelTrace(of: model, on: text), try ModelTrace(of: model, on: [0, 6, 2] + text))
        for head in 0..<2 {
            for (query, row) in early.weights(layer: 0, head: head).enumerated() {
                // Earlier characters take a part of the attention; the others share the rest as before.
                let shifted = late.weights(layer: 0, head: head)[query + 3].dropFirst(3)
                let rest = shifted.reduce(0, +)
                for (weight, other) in zip(row, shifted) { #expect(abs(weight - other / rest) < 1e-5) }
            }
        }
    }

    @Test(
        "Attention weights are those of no future character, and every row is a probability",
        arguments: ModelKind.eachAndTables)
    func attention(kind: ModelKind) throws {
        let model = try ModelKind.strongModel(kind.configuration(), seed: 3)
        let map = try ModelTrace(of: model, on: [0, 5, 2, 3])
        for layer in 0..<2 {
            for head in 0..<2 {
                for (query, row) in map.weights(layer: layer, head: head).enumerated() {
                    #expect(abs(row.reduce(0, +) - 1) < 1e-5)
                    #expect(row[(query + 1)...].allSatisfy { $0 == 0 })
                }
            }
        }
        #expect(abs(map.likeliestNext.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
    }
}
