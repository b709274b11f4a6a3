import Testing

@testable import TinyGPT

@Suite("How a model starts")
struct InitializationTests {
    @Test(
        "Every matrix has the deviation 0.02, those that add to the residual stream 0.02 / sqrt(2 layers)",
        arguments: [false, true])
    func deviations(tied: Bool) throws {
        let layers = 3
        let model = try GPT(
            GPT.Configuration(
                vocabulary: 65, layers: layers, heads: 2, width: 64, context: 4, bias: true, tied: tied), seed: 5)
        let residual = 0.02 / (2 * Double(layers)).squareRoot()
        var expected = ["embedding.weight": 0.02]
        if !tied { expected["head.weight"] = 0.02 }
        for layer in 0..<layers {
            expected["blocks.\(layer).attention.qkv.weight"] = 0.02
            expected["blocks.\(layer).attention.projection.weight"] = residual
            expected["blocks.\(layer).feed_forward.up.weight"] = 0.02
            expected["blocks.\(layer).feed_forward.down.weight"] = residual
        }
        let matrices = model.parameters.filter { $0.tensor.shape.rank == 2 }
        #expect(Set(matrices.map(\.name)) == Set(expected.keys))
        for matrix in matrices {
            let values = matrix.tensor.values.map { Double($0) }
            let deviation = try #require(expected[matrix.name])
            let found = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
            // Five standard errors.
            #expect(abs(found / deviation - 1) < 5 / (2 * Double(values.count)).squareRoot(), "\(matrix.name)")
        }
    }
}
