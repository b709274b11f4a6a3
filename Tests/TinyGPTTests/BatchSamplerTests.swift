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
}
