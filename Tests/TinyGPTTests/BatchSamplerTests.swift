import Testing

@testable import TinyGPT

@Suite("Batches to train on")
struct BatchSamplerTests {
    private let tokens = (0..<1000).map(Int32.init)

    @Test("Every target is the token after its input, in windows of consecutive tokens")
    func windows() {
        let batch = BatchSampler(tokens: TokenArray(tokens), batch: 5, context: 7, seed: 1).batch(at: 3)
        #expect(batch.inputs.count == 35)
        #expect(batch.targets == batch.inputs.map { $0 + 1 })
        for row in 0..<5 {
            let window = batch.inputs[row * 7..<row * 7 + 7]
            #expect(Array(window) == (0..<7).map { window.first! + Int32($0) })
        }
    }

    @Test("Every step and every seed has a batch of its own")
    func distinct() {
        let first = BatchSampler(tokens: TokenArray(tokens), batch: 4, context: 8, seed: 1)
        let other = BatchSampler(tokens: TokenArray(tokens), batch: 4, context: 8, seed: 2)
        #expect(first.batch(at: 7) != first.batch(at: 8))
        #expect(first.batch(at: 7) != other.batch(at: 7))
    }

    @Test("Every window there is gets drawn, the first and the last among them")
    func everyWindow() {
        let sampler = BatchSampler(tokens: TokenArray(Array(tokens.prefix(10))), batch: 50, context: 4, seed: 1)
        let inputs = sampler.batch(at: 0).inputs
        let starts = Set(stride(from: 0, to: inputs.count, by: 4).map { inputs[$0] })
        #expect(starts == Set(0...5))
    }

    @Test("The shortest text possible has one window")
    func shortest() {
        let batch = BatchSampler(tokens: [0, 1, 2], batch: 2, context: 2, seed: 1).batch(at: 0)
        #expect(batch.inputs == [0, 1, 0, 1])
        #expect(batch.targets == [1, 2, 1, 2])
    }

    @Test(
        "In shuffled order every window of an epoch comes once, and each epoch begins elsewhere in another order",
        arguments: [1000, 98, 97, 40, 10])
    func shuffled(partSize: Int) {
        func makeSampler() -> BatchSampler {
            BatchSampler(
                tokens: TokenArray(tokens), batch: 3, context: 10, seed: 1, order: .shuffled, partSize: partSize)
        }
        let sampler = makeSampler()
        // 98 windows: one less than fit.
        let starts = (0..<98).flatMap { step in
            stride(from: 0, to: 30, by: 10).map { Int(sampler.batch(at: step).inputs[$0]) }
        }
        let epochs = stride(from: 0, to: starts.count, by: 98).map { Array(starts[$0..<$0 + 98]) }
        for epoch in epochs {
            #expect(Set(epoch).count == 98)
            #expect(Set(epoch.map { $0 % 10 }).count == 1)
            #expect(epoch != epoch.sorted())
        }
        #expect(Set(epochs.map { $0.map { $0 / 10 } }).count == epochs.count)
        #expect(Set(epochs.map { $0[0] % 10 }).count > 1)
        #expect(makeSampler().batch(at: 50) == sampler.batch(at: 50))
        // The first fifth of an epoch comes from all over the text, in parts or not.
        #expect(Set(epochs[1].prefix(20).map { $0 / 250 }) == [0, 1, 2, 3])
    }

    @Test(
        "In shuffled order a text of one window and a bit has that window, beginning anywhere",
        arguments: [11, 15, 19, 20])
    func shuffledShort(count: Int) {
        let sampler = BatchSampler(
            tokens: TokenArray(Array(tokens.prefix(count))), batch: 1, context: 10, seed: 1, order: .shuffled)
        let starts = Set((0..<200).map { Int(sampler.batch(at: $0).inputs[0]) })
        #expect(starts == Set(0..<min(10, count - 10)))
    }
}
