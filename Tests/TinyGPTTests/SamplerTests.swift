import Layers
import Testing

@testable import TinyGPT

@Suite("Choosing a character")
struct SamplerTests {
    private let logits: [Float] = [0, 3, 1, 3, -2]

    @Test("Temperature 0 takes the likeliest, the first of equals")
    func greedy() {
        #expect(Sampler(temperature: 0).probabilities(logits) == [0, 1, 0, 0, 0])
    }

    @Test("Top-k and top-p keep the likeliest and what they leave sums to one")
    func cuts() {
        let two = Sampler(topK: 2).probabilities(logits)
        #expect(two.map { $0 > 0 } == [false, true, false, true, false])
        let most = Sampler(topP: 0.6).probabilities(logits)
        #expect(most.map { $0 > 0 } == [false, true, false, true, false])
        #expect(Sampler(topP: 0.1).probabilities(logits) == [0, 1, 0, 0, 0])
        #expect(abs(Sampler(temperature: 0.7, topK: 4, topP: 0.99).probabilities(logits).reduce(0, +) - 1) < 1e-12)
    }

    @Test("Min-p keeps what is likely beside the likeliest, before top-k and top-p")
    func minP() {
        // e^-2 of the likeliest is 0.135, e^-3 is 0.05.
        #expect(Sampler(minP: 0.1).probabilities(logits).map { $0 > 0 } == [false, true, true, true, false])
        #expect(Sampler(minP: 0.04).probabilities(logits).map { $0 > 0 } == [true, true, true, true, false])
        #expect(Sampler(minP: 1).probabilities(logits) == [0, 0.5, 0, 0.5, 0])
        #expect(Sampler(topK: 1, minP: 0.04).probabilities(logits) == [0, 1, 0, 0, 0])
    }

    @Test("The penalty divides positive logits of recent tokens and multiplies negative ones, once each")
    func penalty() {
        var penalized = logits
        Sampler(repetitionPenalty: 2, repetitionWindow: 3).penalize(&penalized, recent: [2, 1, 1, 4])
        #expect(penalized == [0, 1.5, 1, 3, -4])
    }

    @Test("Settings that no sampler can have stop the program", arguments: [0, 1, 2, 3, 4, 5])
    func impossibleSettings(number: Int) async {
        await #expect(processExitsWith: .failure) { [number] in
            _ = [
                Sampler(topK: number == 0 ? 0 : 1), Sampler(topP: number == 1 ? 0 : 1),
                Sampler(temperature: number == 2 ? -1 : 1), Sampler(minP: number == 3 ? 1.5 : 1),
                Sampler(repetitionPenalty: number == 4 ? 0.5 : 1), Sampler(repetitionWindow: number == 5 ? 0 : 1),
            ]
        }
    }

    @Test(
        "Characters are drawn as often as they are probable, whatever was in the memory for probabilities",
        arguments: [Sampler(temperature: 0), Sampler(temperature: 0.7), Sampler(topK: 2), Sampler(topP: 0.95)])
    func draws(sampler: Sampler) {
        let (count, expected) = (4000, sampler.probabilities(logits))
        var random = RandomStream(seed: 1, purpose: .sampling, counter: 0)
        var again = random
        var memory = [Double](repeating: 7, count: logits.count)
        var drawn = [Double](repeating: 0, count: logits.count)
        for _ in 0..<count {
            let token = sampler.draw(logits, &random)
            #expect(sampler.draw(logits, &again, &memory) == token)
            drawn[Int(token)] += 1
        }
        // Five standard deviations of a binomial distribution, at most.
        for (number, probability) in zip(drawn, expected) {
            #expect(abs(number / Double(count) - probability) <= 2.5 / Double(count).squareRoot())
            if probability == 0 { #expect(number == 0) }
        }
    }
}
