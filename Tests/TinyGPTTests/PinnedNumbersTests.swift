import Layers
import Testing

@testable import TinyGPT

@Suite("Numbers that a seed stands for")
struct PinnedNumbersTests {
    // Checkpoints hold no random state: a run that is resumed, and a sample that is made again with its seed, rely on these
    // numbers. They were written down once, and no version may change them.

    @Test("The batches of a seed are those they always were")
    func batches() {
        let sampler = BatchSampler(tokens: TokenArray((0..<1000).map(Int32.init)), batch: 6, context: 1, seed: 1337)
        #expect(sampler.batch(at: 0).inputs == [66, 587, 372, 112, 216, 583])
        #expect(sampler.batch(at: 1999).inputs == [730, 772, 445, 835, 128, 653])
        // 98 windows an epoch.
        let shuffled = BatchSampler(
            tokens: TokenArray((0..<1000).map(Int32.init)), batch: 4, context: 10, seed: 1337, order: .shuffled)
        func starts(_ number: Int) -> [Int32] {
            let inputs = shuffled.batch(at: number).inputs
            return stride(from: 0, to: 40, by: 10).map { inputs[$0] }
        }
        #expect(starts(0) == [810, 250, 920, 370])
        #expect(starts(74) == [758, 118, 328, 888])
    }

    @Test("The weights of a seed are those they always were")
    func weights() throws {
        let model = try GPT(GPT.Configuration(vocabulary: 3, layers: 1, heads: 1, width: 4, context: 2), seed: 1337)
        let starts: [String: Float] = [
            "embedding.weight": -0.008110841, "blocks.0.norm1.weight": 1,
            "blocks.0.attention.qkv.weight": 0.0014502917, "blocks.0.attention.projection.weight": 0.009584706,
            "blocks.0.norm2.weight": 1, "blocks.0.feed_forward.up.weight": -0.015114841,
            "blocks.0.feed_forward.down.weight": -0.033428464, "norm.weight": 1, "head.weight": 0.063152604,
        ]
        let found = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.tensor.values[0]) })
        #expect(found.keys == starts.keys)
        for (name, value) in found {
            // The system's sine and logarithm may differ in the last place.
            #expect(abs(value - (starts[name] ?? .nan)) < 1e-8, "\(name): \(value)")
        }
    }

    @Test("The characters drawn with a seed are those they always were")
    func draws() {
        var random = RandomStream(seed: 1337, purpose: .sampling, counter: 2)
        let sampler = Sampler(temperature: 0.8)
        let drawn = (0..<24).map { _ in sampler.draw([0, 1, 2, 1.5, -1], &random) }
        #expect(drawn == [2, 2, 0, 3, 0, 1, 1, 2, 1, 1, 2, 3, 2, 3, 2, 2, 3, 2, 1, 2, 2, 2, 1, 3])
    }
}
