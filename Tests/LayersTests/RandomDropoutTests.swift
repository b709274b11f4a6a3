import Testing

@testable import Layers

@Suite("Places of dropout")
struct RandomDropoutTests {
    @Test("Every place, step and seed has a mask of its own, at the rate of the place")
    func distinct() throws {
        let parameters = ParameterList(seed: 1)
        let places = (0..<5).map { RandomDropout(parameters.scope("\($0)"), rate: 0.1 + 0.1 * Float($0)) }
        var keys: Set<UInt64> = []
        for seed: UInt64 in 0..<4 {
            for step in 0..<50 {
                for place in places {
                    let dropout = try #require(place(.training(seed: seed, step: step)))
                    #expect(dropout.rate == place.rate)
                    keys.insert(dropout.key)
                }
            }
        }
        #expect(keys.count == 4 * 50 * 5)
    }

    @Test("Nothing is dropped in inference, nor at rate 0")
    func nothing() {
        let parameters = ParameterList(seed: 1)
        #expect(RandomDropout(parameters, rate: 0.5)(.inference) == nil)
        #expect(RandomDropout(parameters, rate: 0)(.training(seed: 1, step: 1)) == nil)
    }
}
