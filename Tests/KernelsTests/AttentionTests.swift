import Testing

@testable import Kernels

@Suite("Attention")
struct AttentionTests {
    static let shapes = [
        AttentionShape(batch: 1, heads: 1, time: 1, headWidth: 1),
        AttentionShape(batch: 2, heads: 3, time: 7, headWidth: 5),
        AttentionShape(batch: 1, heads: 2, time: 31, headWidth: 16),
        AttentionShape(batch: 2, heads: 1, time: 33, headWidth: 20),
        AttentionShape(batch: 1, heads: 2, time: 65, headWidth: 32),
        AttentionShape(batch: 1, heads: 1, time: 100, headWidth: 70),
    ]

    private static func count(_ shape: AttentionShape) -> Int { shape.batch * shape.time * shape.width }

    private static func run(
        _ input: [Float], _ shape: AttentionShape, mask: DropoutMask? = nil
    ) -> (output: Buffer, logSums: Buffer, weights: Buffer) {
        let output = Buffer(repeating: .nan, count: count(shape))
        let logSums = Buffer(repeating: .nan, count: shape.batch * shape.heads * shape.time)
        let weights = Buffer(repeating: .nan, count: logSums.count * shape.time)
        AttentionKernel.forward(
            Buffer(input), shape, mask: mask, output: output, logSums: logSums, weights: weights)
        return (output, logSums, weights)
    }

    /// What dropout multiplies every weight by, in the shape of the weights: every head of every text has a mask of its own.
    private static func factors(rate: Float, key: UInt64, _ shape: AttentionShape) -> [Float] {
        (0..<shape.batch * shape.heads).flatMap {
            Reference.dropoutFactors(rate: rate, key: key, part: $0, count: shape.time * shape.time)
        }
    }

    @Test("The fused kernel equals its definition, output and weights", arguments: shapes)
    func forward(shape: AttentionShape) {
        let input = noise(3 * Self.count(shape), scale: 2)
        _ = Self.run(input, shape)
        Parallel.overwriteUnusedMemory(with: .nan)
        let result = Self.run(input, shape)
        let expected = Reference.attention(input, shape)
        expectClose(result.output.array, expected.output, relative: 1e-5, absolute: 2e-6)
        expectClose(result.weights.array, expected.weights, relative: 1e-5, absolute: 1e-7)
        expectClose(result.logSums.array, expected.logSums, relative: 1e-6, absolute: 1e-6)
    }

    @Test("Its gradients equal theirs, with and without dropout", arguments: shapes, [Float(0), 0.3])
    func backward(shape: AttentionShape, rate: Float) {
        let input = noise(3 * Self.count(shape), scale: 2)
        let incoming = noise(Self.count(shape), seed: 5)
        let key: UInt64 = 0x1234_5678_9ABC
        let mask = rate > 0 ? DropoutMask(rate: rate, key: key) : nil
        let result = Self.run(input, shape, mask: mask)
        let gradient = Buffer(repeating: .nan, count: input.count)
        // The second time, the workspaces hold what the first left, and that is made unusable.
        for _ in 0..<2 {
            Parallel.overwriteUnusedMemory(with: .nan)
            AttentionKernel.backward(
                Buffer(input), shape, mask: mask, output: result.output, logSums: result.logSums,
                outputGradient: Buffer(incoming), gradient: gradient)
        }
        let factors = mask == nil ? nil : Self.factors(rate: rate, key: key, shape)
        expectClose(
            result.output.array, Reference.attention(input, shape, factors: factors).output, absolute: 3e-6)
        expectClose(
            gradient.array,
            Reference.attentionGradient(input, shape, factors: factors, outputGradient: incoming),
            relative: 1e-4, absolute: 1e-5)
    }

    @Test("What comes later changes nothing before it, to the bit", arguments: shapes.filter { $0.time > 1 })
    func causality(shape: AttentionShape) {
        let input = noise(3 * Self.count(shape), scale: 2)
        let position = shape.time / 2
        var changed = input
        for text in 0..<shape.batch {
            for index in 0..<3 * shape.width {
                changed[(text * shape.time + position) * 3 * shape.width + index] += 1
            }
        }
        let (before, after) = (Self.run(input, shape).output.array, Self.run(changed, shape).output.array)
        let plain = (Reference.attention(input, shape).output, Reference.attention(changed, shape).output)
        for text in 0..<shape.batch {
            let start = text * shape.time * shape.width
            let past = start..<start + position * shape.width
            #expect(before[past] == after[past])
            #expect(plain.0[past] == plain.1[past])
            #expect(
                before[past.upperBound..<past.upperBound + shape.width]
                    != after[past.upperBound..<past.upperBound + shape.width])
        }
    }

    @Test("A cache gives every position the output and the weights of the definition", arguments: shapes)
    func cached(shape: AttentionShape) {
        let input = noise(3 * Self.count(shape), scale: 2)
        let (expected, weights, _) = Reference.attention(input, shape)
        let cache = KeyValueCache(shape)
        /// Some positions of all texts.
        func rows(_ positions: Range<Int>) -> Buffer {
            Buffer(
                (0..<shape.batch).flatMap { text in
                    let start = (text * shape.time + positions.lowerBound) * 3 * shape.width
                    return input[start..<start + positions.count * 3 * shape.width]
                })
        }
        let known = shape.time / 3
        cache.fill(from: rows(0..<known), time: known)
        for position in known..<shape.time {
            let output = Buffer(repeating: .nan, count: shape.batch * shape.width)
            cache.attend(rows(position..<position + 1), position: position, output: output)
            let wanted = (0..<shape.batch).flatMap { text in
                let start = (text * shape.time + position) * shape.width
                return expected[start..<start + shape.width]
            }
            expectClose(output.array, wanted, absolute: 5e-6, "position \(position)")
        }
        for index in 0..<shape.batch * shape.heads {
            let last = cache.lastWeights(text: index / shape.heads, head: index % shape.heads, count: shape.time)
            let end = (index + 1) * shape.time * shape.time
            expectClose(last, Array(weights[end - shape.time..<end]), absolute: 1e-6)
        }
    }
}
