import Autograd
import Foundation
import Layers
import Testing

@testable import Kernels
@testable import TinyGPT

/// The training-mode forward pass of ``GPT`` composed from the plain definitions of its kernels, in arrays.
private struct PlainGPT {
    let configuration: GPT.Configuration
    private let parameters: [String: [Float]]

    init(_ model: GPT) {
        configuration = model.configuration
        parameters = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.tensor.values) })
    }

    /// Dropout sites in the order in which their random numbers are counted: the embedding, then for every block the
    /// attention weights, the attention branch and the feed-forward branch.
    static func sites(layers: Int) -> [String] {
        ["embedding"]
            + (0..<layers).flatMap {
                [
                    "attention weights of block \($0)", "attention branch of block \($0)",
                    "feed-forward branch of block \($0)",
                ]
            }
    }

    private var isModern: Bool { configuration.architecture == .modern }

    private func norm(_ x: [Float], _ name: String) -> [Float] {
        isModern
            ? Reference.rmsNorm(x, weight: parameters[name + ".weight"]!)
            : Reference.layerNorm(x, weight: parameters[name + ".weight"]!, bias: parameters[name + ".bias"])
    }

    private func linear(_ x: [Float], _ name: String, inputs: Int) -> [Float] {
        let weight = parameters[name + ".weight"]!
        return Reference.matmul(
            x, weight, m: x.count / inputs, k: inputs, n: weight.count / inputs, plus: parameters[name + ".bias"])
    }

    /// Shape: (B T, C) -> (B T, C)
    private func feedForward(_ x: [Float], _ name: String) -> [Float] {
        let width = configuration.width
        let hidden = parameters[name + "down.weight"]!.count / width
        let wide = linear(x, name + (isModern ? "gate_up" : "up"), inputs: width)
        let active =
            isModern ? Reference.swiGLU(wide, hidden: hidden) : wide.map { Float(Reference.gelu(Double($0))) }
        return linear(active, name + "down", inputs: hidden)
    }

    /// Shape: tokens (B, T), row after row, `rates` and `keys` (sites) -> (B, T, V)
    func logits(_ tokens: [Int32], batch: Int, rates: [Float], keys: [UInt64]) -> [Float] {
        let (width, time) = (configuration.width, tokens.count / batch)
        func factors(_ site: Int, part: Int = 0, count: Int) -> [Float] {
            Reference.dropoutFactors(rate: rates[site], key: keys[site], part: part, count: count)
        }
        let shape = AttentionShape(
            batch: batch, heads: configuration.heads, time: time, headWidth: width / configuration.heads)
        var h = Reference.embedding(parameters["embedding.weight"]!, width: width, indices: tokens)
        for order in configuration.tables.orders {
            let table = NGramTable(
                ParameterList(seed: 0), order: order, vocabulary: configuration.vocabulary, width: width)
            let rows = parameters[order == 2 ? "bigrams.weight" : "trigrams.weight"]!
            h = Reference.combine(
                .add, h, Reference.embedding(rows, width: width, indices: table.rows(of: tokens, length: time)))
        }
        if !isModern {
            let positions = PositionalEncoding(context: configuration.context, width: width).table.values.prefix(
                time * width)
            h = Reference.combine(.add, h, Array(positions))
        }
        h = Reference.dropout(h, factors: factors(0, count: h.count))
        for layer in 0..<configuration.layers {
            let (block, site) = ("blocks.\(layer).", 1 + 3 * layer)
            var queryKeyValue = linear(norm(h, block + "norm1"), block + "attention.qkv", inputs: width)
            if isModern {
                queryKeyValue = Reference.rotary(
                    queryKeyValue, shape, queryGain: parameters[block + "attention.query_norm.weight"]!,
                    keyGain: parameters[block + "attention.key_norm.weight"]!)
            }
            let weightFactors = (0..<batch * shape.heads).flatMap { factors(site, part: $0, count: time * time) }
            let headOutputs = Reference.attention(queryKeyValue, shape, factors: weightFactors).output
            let attention = linear(headOutputs, block + "attention.projection", inputs: width)
            h = Reference.dropout(attention, factors: factors(site + 1, count: h.count), residual: h)
            let down = feedForward(norm(h, block + "norm2"), block + "feed_forward.")
            h = Reference.dropout(down, factors: factors(site + 2, count: h.count), residual: h)
        }
        let vocabulary = configuration.vocabulary
        let head = Reference.transpose(parameters["head.weight"]!, rows: vocabulary, columns: width)
        return Reference.matmul(norm(h, "norm"), head, m: tokens.count, k: width, n: vocabulary)
    }
}

@Suite("Where the model drops")
struct DropoutSitesTests {
    private static let (seed, step, rate): (UInt64, Int, Float) = (1, 4, 0.3)
    private static let sites = PlainGPT.sites(layers: 2)
    private static let tokens: [Int32] = [0, 3, 6, 1, 2, 5, 5, 4, 0, 1]

    private static func model(_ kind: ModelKind) throws -> GPT {
        try ModelKind.strongModel(kind.configuration(dropout: rate), seed: 3)
    }

    /// The logits of the definition, with a rate for each site.
    private static func expected(_ kind: ModelKind, _ rates: [Float]) throws -> [Float] {
        let keys = sites.indices.map { site in
            var random = RandomStream(seed: seed, purpose: .dropout, counter: UInt64(step) << 16 | UInt64(site))
            return random.next()
        }
        return try PlainGPT(model(kind)).logits(tokens, batch: 2, rates: rates, keys: keys)
    }

    private static func actual(_ kind: ModelKind, _ mode: Mode) throws -> [Float] {
        try model(kind)(tokens, batch: 2, mode).values
    }

    /// The largest difference, relative to the largest number.
    private static func disagreement(_ actual: [Float], _ expected: [Float]) throws -> Float {
        try #require(actual.count == expected.count && !expected.isEmpty)
        // `max` passes over NaN.
        try #require((actual + expected).allSatisfy { $0.isFinite })
        let scale = expected.reduce(0) { max($0, abs($1)) }
        return zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
    }

    @Test(
        "In training the model is the plain composition with a mask at each of its sites",
        arguments: ModelKind.eachAndTables)
    func training(kind: ModelKind) throws {
        let rates = [Float](repeating: Self.rate, count: Self.sites.count)
        let logits = try Self.actual(kind, .training(seed: Self.seed, step: Self.step))
        #expect(try Self.disagreement(logits, Self.expected(kind, rates)) < 1e-5)
    }

    @Test("In inference it is the plain composition without any mask", arguments: ModelKind.eachAndTables)
    func inference(kind: ModelKind) throws {
        let rates = [Float](repeating: 0, count: Self.sites.count)
        #expect(try Self.disagreement(Self.actual(kind, .inference), Self.expected(kind, rates)) < 1e-5)
    }

    @Test(
        "A mask that is left out, or has another rate, changes the logits, whichever it is", arguments: sites,
        ModelKind.eachAndTables)
    func sensitivity(site: String, kind: ModelKind) throws {
        let index = try #require(Self.sites.firstIndex(of: site))
        let logits = try Self.actual(kind, .training(seed: Self.seed, step: Self.step))
        for other: Float in [0, Self.rate - 0.02] {
            var rates = [Float](repeating: Self.rate, count: Self.sites.count)
            rates[index] = other
            #expect(try Self.disagreement(logits, Self.expected(kind, rates)) > 1e-3, "rate \(other)")
        }
    }

    @Test("Gradients go through the masks: a dropped embedding has none", arguments: ModelKind.each)
    func gradients(kind: ModelKind) throws {
        let model = try Self.model(kind)
        let loss = model.loss([2], targets: [3], batch: 1, .training(seed: Self.seed, step: Self.step))
        let gradient = loss.gradients()[model.embedding.weight].values[2 * 8..<3 * 8]
        var random = RandomStream(seed: Self.seed, purpose: .dropout, counter: UInt64(Self.step) << 16)
        let factors = Reference.dropoutFactors(rate: Self.rate, key: random.next(), count: 8)
        #expect(Set(factors).count == 2)
        #expect(gradient.map { $0 == 0 } == factors.map { $0 == 0 })
    }

    @Test("A training step drops what its seed and its number say", arguments: ModelKind.each)
    func trainingStep(kind: ModelKind) throws {
        let (model, twin) = (try Self.model(kind), try Self.model(kind))
        let text = (0..<40).map { Int32($0 * $0 % 7) }
        let settings = TrainingSettings(batch: 2, steps: 10, seed: 9)
        let trainer = Trainer(model, tokens: TokenArray(text), settings)
        let batch = BatchSampler(tokens: TokenArray(text), batch: 2, context: 5, seed: 9).batch(at: 0)
        func loss(_ mode: Mode) -> Double {
            Double(twin.loss(batch.inputs, targets: batch.targets, batch: 2, mode).scalar)
        }
        let expected = loss(.training(seed: 9, step: 0))
        #expect(try trainer.step().loss == expected)
        for other in [Mode.inference, .training(seed: 9, step: 1), .training(seed: 8, step: 0)] {
            #expect(abs(loss(other) - expected) > 1e-3)
        }
    }
}
