import Autograd
import Testing

@testable import Layers

@Suite("How parameters start")
struct InitializationTests {
    /// The mean and the standard deviation of a tensor's numbers.
    private static func moments(_ values: [Float]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return (mean, (squares / Double(values.count)).squareRoot())
    }

    @Test(
        "In a block the matrices that add to the residual stream have the deviation 0.02 / sqrt(2 layers), others 0.02",
        arguments: [1, 2, 6])
    func block(layers: Int) throws {
        let parameters = ParameterList(seed: 5)
        _ = TransformerBlock(parameters, width: 64, heads: 2, layers: layers, dropout: 0, bias: true)
        let residual = 0.02 / (2 * Double(layers)).squareRoot()
        let deviations = [
            "attention.qkv.weight": 0.02, "attention.projection.weight": residual, "feed_forward.up.weight": 0.02,
            "feed_forward.down.weight": residual,
        ]
        #expect(Set(parameters.all.filter { $0.tensor.shape.rank == 2 }.map(\.name)) == Set(deviations.keys))
        for parameter in parameters.all {
            let values = parameter.tensor.values
            if let expected = deviations[parameter.name] {
                let (mean, deviation) = Self.moments(values)
                let count = Double(values.count)
                // Five standard errors: of a deviation, and of a mean.
                #expect(abs(deviation / expected - 1) < 5 / (2 * count).squareRoot(), "\(parameter.name)")
                #expect(abs(mean) < 5 * expected / count.squareRoot(), "\(parameter.name)")
            } else {
                let isScale = parameter.name.hasSuffix("norm1.weight") || parameter.name.hasSuffix("norm2.weight")
                #expect(values.allSatisfy { $0 == (isScale ? 1 : 0) }, "\(parameter.name)")
            }
        }
    }

    @Test("A modern block begins as the identity: what adds to the residual stream is zero, and gains are 1")
    func modernBlock() throws {
        let parameters = ParameterList(seed: 5)
        let block = TransformerBlock(
            parameters, .modern, width: 64, heads: 2, layers: 3, dropout: 0, bias: false,
            rotations: Rotations(context: 6, headWidth: 32))
        let names = Set(parameters.all.map(\.name))
        let gains = ["norm1", "norm2", "attention.query_norm", "attention.key_norm"].map { $0 + ".weight" }
        let zeros = ["attention.projection.weight", "feed_forward.down.weight"]
        let normal = ["attention.qkv.weight", "feed_forward.gate_up.weight"]
        #expect(names == Set(gains + zeros + normal))
        for parameter in parameters.all {
            let values = parameter.tensor.values
            if normal.contains(parameter.name) {
                let deviation = Self.moments(values).deviation
                let standardError = 1 / Double(2 * values.count).squareRoot()
                #expect(abs(deviation / 0.02 - 1) < 5 * standardError, "\(parameter.name)")
            } else {
                let start: Float = gains.contains(parameter.name) ? 1 : 0
                #expect(values.allSatisfy { $0 == start }, "\(parameter.name)")
            }
        }
        let x = Tensor((0..<6 * 64).map { Float($0 % 7) - 3 }, shape: [1, 6, 64])
        #expect(block(x, .inference).values == x.values)
    }

    @Test("The feed-forward layer of a modern block has 8/3 of the width, rounded up to a multiple of 16")
    func hiddenWidth() {
        for (width, hidden) in [(1, 16), (6, 16), (7, 32), (8, 32), (12, 32), (128, 352), (384, 1024)] {
            #expect(FeedForward.hiddenWidth(.modern, width: width) == hidden)
            #expect(FeedForward.hiddenWidth(.classic, width: width) == 4 * width)
        }
    }

    @Test("Two seeds, and two parameters of one seed, start from different numbers")
    func independence() throws {
        let starts = (UInt64(1)...2).flatMap { seed in
            let parameters = ParameterList(seed: seed)
            _ = TransformerBlock(parameters, width: 8, heads: 2, layers: 2, dropout: 0, bias: false)
            return parameters.all.filter { $0.tensor.shape.rank == 2 }.map { $0.tensor.values[0] / 0.02 }
        }
        #expect(starts.count == 8)
        #expect(Set(starts).count == 8)
    }

    @Test("Random parameters have the distribution that was asked for, and depend on the stream alone")
    func randomParameters() {
        var random = RandomStream(seed: 1, purpose: .initialization)
        let normal = Tensor.parameter(normal: [100, 100], deviation: 0.5, &random)
        let uniform = Tensor.parameter(uniform: [100, 100], in: -1...3, &random)
        let (ofNormal, ofUniform) = (Self.moments(normal.values), Self.moments(uniform.values))
        #expect(abs(ofNormal.mean) < 0.02 && abs(ofNormal.deviation - 0.5) < 0.01)
        #expect(abs(ofUniform.mean - 1) < 0.05 && abs(ofUniform.deviation - 4 / 12.0.squareRoot()) < 0.03)
        #expect(uniform.values.allSatisfy { (-1...3).contains($0) })
        #expect(normal.isTracked && normal.shape == [100, 100])
        var again = RandomStream(seed: 1, purpose: .initialization)
        #expect(Tensor.parameter(normal: [100, 100], deviation: 0.5, &again).values == normal.values)
    }
}
