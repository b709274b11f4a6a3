import Testing

@testable import Kernels

@Suite("Rotated queries and keys")
struct RotaryTests {
    static let shapes = [
        AttentionShape(batch: 1, heads: 1, time: 1, headWidth: 2),
        AttentionShape(batch: 2, heads: 3, time: 7, headWidth: 6),
        AttentionShape(batch: 1, heads: 2, time: 31, headWidth: 16),
        AttentionShape(batch: 3, heads: 1, time: 33, headWidth: 20),
        AttentionShape(batch: 1, heads: 2, time: 65, headWidth: 32),
        AttentionShape(batch: 2, heads: 1, time: 100, headWidth: 70),
    ]

    private static func gains(_ shape: AttentionShape) -> (query: [Float], key: [Float]) {
        (noise(shape.headWidth, seed: 2), noise(shape.headWidth, seed: 3))
    }

    private static func operands(
        _ shape: AttentionShape, queryGain: [Float], keyGain: [Float]
    ) -> RotaryKernel.Operands {
        // More positions than the texts have.
        let rotations = Reference.rotations(time: shape.time + 2, headWidth: shape.headWidth)
        return RotaryKernel.Operands(
            queryGain: Buffer(queryGain), keyGain: Buffer(keyGain), rotations: Buffer(rotations))
    }

    private static func operands(_ shape: AttentionShape) -> RotaryKernel.Operands {
        let gains = gains(shape)
        return operands(shape, queryGain: gains.query, keyGain: gains.key)
    }

    private static func run(_ input: [Float], _ shape: AttentionShape, _ operands: RotaryKernel.Operands) -> [Float] {
        let output = Buffer(repeating: .nan, count: input.count)
        RotaryKernel.forward(Buffer(input), shape, operands, output: output)
        return output.array
    }

    @Test("The fused kernel equals its definition, gradients too", arguments: shapes)
    func definition(shape: AttentionShape) {
        let input = noise(3 * shape.outputCount, scale: 3)
        let gains = Self.gains(shape)
        expectClose(
            Self.run(input, shape, Self.operands(shape)),
            Reference.rotary(input, shape, queryGain: gains.query, keyGain: gains.key),
            relative: 1e-5, absolute: 2e-6)

        let incoming = noise(input.count, seed: 5)
        let gradients = [input.count, shape.headWidth, shape.headWidth].map { Buffer(repeating: .nan, count: $0) }
        RotaryKernel.backward(
            Buffer(input), shape, Self.operands(shape), outputGradient: Buffer(incoming), inputGradient: gradients[0],
            queryGainGradient: gradients[1], keyGainGradient: gradients[2])
        let expected = Reference.rotaryGradient(
            input, shape, queryGain: gains.query, keyGain: gains.key, outputGradient: incoming)
        expectClose(gradients[0].array, expected.input, relative: 1e-4, absolute: 2e-5)
        expectClose(gradients[1].array, expected.queryGain, relative: 1e-4, absolute: 5e-5)
        expectClose(gradients[2].array, expected.keyGain, relative: 1e-4, absolute: 5e-5)
    }

    @Test("With gains of 1 a score depends on how far apart query and key are, not on where", arguments: shapes)
    func relativePositions(shape: AttentionShape) {
        let (headWidth, width) = (shape.headWidth, shape.width)
        // The same query and the same key at every position.
        let (query, key) = (noise(headWidth, seed: 7), noise(headWidth, seed: 8))
        let row = (0..<3 * width).map { $0 < width ? query[$0 % headWidth] : key[$0 % headWidth] }
        let input = (0..<shape.batch * shape.time).flatMap { _ in row }
        let ones = [Float](repeating: 1, count: headWidth)
        let output = Self.run(input, shape, Self.operands(shape, queryGain: ones, keyGain: ones))
        func score(_ queryPosition: Int, _ keyPosition: Int) -> Float {
            (0..<headWidth).reduce(0) {
                $0 + output[queryPosition * 3 * width + $1] * output[keyPosition * 3 * width + width + $1]
            }
        }
        for distance in 0..<min(4, shape.time) {
            for position in distance..<shape.time {
                #expect(abs(score(position, position - distance) - score(distance, 0)) < 2e-4)
            }
        }
        // Position 0 is not rotated, and the length of a query is that of its norm everywhere.
        expectClose(Array(output[..<headWidth]), Reference.rmsNorm(query, weight: ones), absolute: 1e-6)
    }
}
