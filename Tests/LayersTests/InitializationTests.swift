import Autograd
import Testing

@testable import Layers

@Suite("Initialization")
struct InitializationTests {
    /// Mean and standard deviation of a parameter's values.
    private func statistics(_ tensor: Tensor) -> (mean: Double, deviation: Double) {
        let values = tensor.values.map { Double($0) }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return (mean, variance.squareRoot())
    }

    @Test(
        "Matrices start with a deviation of 0.02, those that feed the residual stream with 0.02 / sqrt(2 layers)",
        arguments: [1, 8])
    func deviations(layers: Int) {
        let list = ParameterList(seed: 7)
        _ = TransformerBlock(list, width: 64, heads: 4, layers: layers, dropout: 0, bias: true)
        _ = Embedding(list.scope("embedding"), vocabulary: 100, width: 64)
        for parameter in list.all where parameter.tensor.shape.rank == 2 {
            let isResidual =
                parameter.name == "attention.projection.weight" || parameter.name == "feed_forward.down.weight"
            let expected = isResidual ? 0.02 / (2 * Double(layers)).squareRoot() : 0.02
            let (mean, deviation) = statistics(parameter.tensor)
            // Four thousand values and more: 5 standard errors are 6 % of the deviation.
            #expect(abs(deviation / expected - 1) < 0.06, "\(parameter.name): \(deviation), expected \(expected)")
            #expect(abs(mean) < 0.08 * expected, "\(parameter.name): mean \(mean)")
        }
    }

    @Test("Gains start at 1 and biases at 0")
    func vectors() {
        let list = ParameterList(seed: 7)
        _ = TransformerBlock(list, width: 8, heads: 2, layers: 1, dropout: 0, bias: true)
        for parameter in list.all where parameter.tensor.shape.rank == 1 {
            let expected: Float = parameter.name.hasSuffix("bias") ? 0 : 1
            #expect(parameter.tensor.values.allSatisfy { $0 == expected }, "\(parameter.name)")
        }
    }

    @Test("Every parameter has random numbers of its own, the same for the same seed")
    func streams() {
        func values(_ seed: UInt64) -> [[Float]] {
            let list = ParameterList(seed: seed)
            _ = [Linear(list.scope("a"), inputs: 3, outputs: 4), Linear(list.scope("b"), inputs: 3, outputs: 4)]
            return list.all.filter { $0.tensor.shape.rank == 2 }.map(\.tensor.values)
        }
        #expect(values(1) == values(1))
        #expect(values(1)[0] != values(1)[1] && values(1)[0] != values(2)[0])
    }
}
