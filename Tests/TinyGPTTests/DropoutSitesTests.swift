import Autograd
import Layers
import Testing

@testable import TinyGPT

/// Each dropout site by itself: its mask is found in the model's output where everything else is known.
@Suite("Dropout in the model")
struct DropoutSitesTests {
    private static let rate: Float = 0.25
    private static let mode = Mode.training(seed: 3, step: 7)

    /// One block of one head, with an LM head that shows the residual stream: 64 logits that are 64 channels.
    private static func model(dropout: Float = rate) throws -> GPT {
        let configuration = GPT.Configuration(
            vocabulary: 64, layers: 1, heads: 1, width: 64, context: 32, dropout: dropout, bias: true)
        return try GPT(configuration, seed: 5)
    }

    private static func set(_ name: String, of model: GPT, to value: (Int) -> Float) {
        let tensor = model.parameters.first { $0.name == name }!.tensor
        tensor.buffer.replace(with: (0..<tensor.shape.count).map(value))
    }

    /// Sets a square matrix to a multiple of the identity, or one of zeros.
    private static func setIdentity(_ name: String, of model: GPT, columns: Int, scale: Float = 1) {
        set(name, of: model) { $0 / columns == $0 % columns ? scale : 0 }
    }

    /// The residual stream after the only block, (32, 64), in a mode.
    private static func stream(_ model: GPT, _ mode: Mode) -> [Float] {
        var captured: Tensor?
        let tokens = (0..<32).map { Int32($0) }
        let h = model.blocks[0](model.embed(tokens, batch: 1), mode) { _ in }
        captured = h
        return captured!.values
    }

    /// Checks that ratios of dropped to plain values are 0 or 1 / (1 - rate), with a plausible share of zeros.
    private static func expectMask(_ ratios: [Float], _ site: String, sourceLocation: SourceLocation = #_sourceLocation)
    {
        let kept = 1 / (1 - rate)
        let zeros = ratios.count { abs($0) < 1e-3 }
        let others = ratios.count { abs($0 - kept) < 1e-2 }
        #expect(zeros + others == ratios.count, "\(site)", sourceLocation: sourceLocation)
        let expected = Double(rate) * Double(ratios.count)
        #expect(
            abs(Double(zeros) - expected) < 6 * expected.squareRoot(), "\(site): \(zeros) of \(ratios.count)",
            sourceLocation: sourceLocation)
    }

    @Test("Embeddings are dropped before the first block")
    func embedding() throws {
        // The block adds nothing; the final norm of a row is monotonic, so a dropped channel has the norm's value of zero.
        let (model, plain) = (try Self.model(), try Self.model(dropout: 0))
        for each in [model, plain] {
            Self.set("blocks.0.attention.projection.weight", of: each) { _ in 0 }
            Self.set("blocks.0.feed_forward.down.weight", of: each) { _ in 0 }
            Self.set("embedding.weight", of: each) { $0 % 64 < 32 ? 1 : -1 }
            Self.setIdentity("head.weight", of: each, columns: 64)
        }
        let tokens = (0..<32).map { Int32($0) }
        #expect(model(tokens, batch: 1, .inference).values == plain(tokens, batch: 1, Self.mode).values)
        let logits = model(tokens, batch: 1, Self.mode).values
        // Values of about 1 and -1 become 4/3 and -4/3, those that are dropped 0: three groups that the norm keeps apart.
        let dropped = logits.count { abs($0) < 0.6 }
        let expected = Double(Self.rate) * Double(logits.count)
        #expect(abs(Double(dropped) - expected) < 6 * expected.squareRoot(), "\(dropped) of \(logits.count)")
    }

    @Test("What attention adds to the residual stream is dropped, and so is what the feed-forward layer adds")
    func residualBranches() throws {
        for site in ["attention.projection", "feed_forward.down"] {
            let (model, plain) = (try Self.model(), try Self.model(dropout: 0))
            let other = site == "attention.projection" ? "feed_forward.down" : "attention.projection"
            for each in [model, plain] {
                // Both branches are their biases alone: one is zero, the other 1 everywhere.
                for name in [site, other] { Self.set("blocks.0.\(name).weight", of: each) { _ in 0 } }
                Self.set("blocks.0.\(site).bias", of: each) { _ in 1 }
            }
            let start = model.embed((0..<32).map { Int32($0) }, batch: 1).values
            let ratios = zip(Self.stream(model, Self.mode), start).map { $0 - $1 }
            Self.expectMask(ratios, site)
            let whole = zip(Self.stream(plain, Self.mode), start).map { $0 - $1 }
            #expect(whole.allSatisfy { abs($0 - 1) < 1e-3 })
            #expect(Self.stream(model, .inference) == Self.stream(plain, Self.mode))
        }
    }

    @Test("Attention weights are dropped")
    func attentionWeights() throws {
        // Values are 1 everywhere and scores 0, so a head output is the sum of the weights that are left: with 32 equal
        // weights at the last position, a multiple of 1 / 32 / (1 - rate).
        let model = try Self.model()
        Self.set("blocks.0.attention.qkv.weight", of: model) { _ in 0 }
        Self.set("blocks.0.attention.qkv.bias", of: model) { $0 >= 128 ? 1 : 0 }
        let attention = model.blocks[0].attention
        let x = Tensor(repeating: 1, shape: [1, 32, 64])
        let outputs = attention.headOutputs(x, Self.mode).values
        let kept = (0..<32).map { position in
            Double(outputs[position * 64]) * Double(position + 1) * Double(1 - Self.rate)
        }
        for (position, count) in kept.enumerated() {
            #expect(abs(count - count.rounded()) < 1e-3 && count < Double(position) + 1.001)
        }
        let (all, total) = (kept.reduce(0, +), 32.0 * 33 / 2)
        #expect(abs(all - total * Double(1 - Self.rate)) < 6 * (total * 0.25).squareRoot(), "\(all) of \(total)")
        #expect(attention.headOutputs(x, .inference).values.allSatisfy { abs($0 - 1) < 1e-5 })
    }

    @Test("No two sites of a model share a mask")
    func differentMasks() throws {
        let list = ParameterList(seed: 1)
        let sites = (0..<8).map { _ in RandomDropout(list.scope("a"), rate: 0.5) }
        #expect(Set(sites.map { $0(Self.mode)!.key }).count == sites.count)
        #expect(Set((0..<8).map { sites[0](.training(seed: 3, step: $0))!.key }).count == 8)
    }
}
