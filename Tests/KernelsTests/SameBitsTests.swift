import Testing

@testable import Kernels

@Suite("Bits and threads")
struct SameBitsTests {
    /// A kernel's entry point with inputs large enough for several threads, and what it computes.
    private struct Kernel: Sendable {
        let name: String
        let run: @Sendable () -> [[Float]]

        /// A kernel that writes to buffers of these sizes.
        init(_ name: String, _ counts: [Int], _ run: @escaping @Sendable ([Buffer]) -> Void) {
            self.name = name
            self.run = {
                let buffers = counts.map { Buffer(repeating: .nan, count: $0) }
                run(buffers)
                return buffers.map(\.array)
            }
        }

        init(_ name: String, values: @escaping @Sendable () -> [Float]) {
            self.name = name
            run = { [values()] }
        }
    }

    // Sizes that are no multiples of a register, of a group of rows or of a grain.
    private static let rows = 331, width = 41, many = 70_001, classes = 23
    private static let shape = AttentionShape(batch: 3, heads: 2, time: 33, headWidth: 20)
    private static let x = Buffer(noise(rows * width)), dy = Buffer(noise(rows * width, seed: 2))
    private static let gain = Buffer(noise(width, seed: 3)), bias = Buffer(noise(width, seed: 4))
    private static let long = Buffer(noise(many)), longGradient = Buffer(noise(many, seed: 5))
    private static let queryKeyValue = Buffer(noise(3 * shape.outputCount))
    private static let headGradient = Buffer(noise(shape.outputCount, seed: 6))
    private static let wide = Buffer(noise(7 * 10_001)), wideRow = Buffer(noise(10_001, seed: 2))
    private static let mask = DropoutMask(rate: 0.3, key: 7)
    private static let targets = (0..<rows).map { Int32($0 * 5 % classes) }
    private static let logits = Buffer(noise(rows * classes))
    private static let indices = (0..<rows).map { Int32($0 * $0 % 7) }
    private static var rotations: RotaryKernel.Operands {
        RotaryKernel.Operands(
            queryGain: Buffer(noise(20)), keyGain: Buffer(noise(20, seed: 2)),
            rotations: Buffer(Reference.rotations(time: shape.time, headWidth: 20)))
    }

    private static let elementwise = [
        Kernel("ElementwiseKernel.apply", [many, many, many, wide.count]) { y in
            ElementwiseKernel.apply(.tanh, long, output: y[0])
            ElementwiseKernel.apply(.multiply, long, longGradient, output: y[1])
            ElementwiseKernel.apply(.subtract, long, Buffer([3]), output: y[2])
            ElementwiseKernel.apply(.add, wide, wideRow, output: y[3])
        },
        Kernel("ElementwiseKernel.gradient", [many]) { dx in
            ElementwiseKernel.gradient(
                of: .power(3), input: long, output: long, outputGradient: longGradient, inputGradient: dx[0])
        },
        Kernel("ElementwiseKernel.mask", [rows * width]) { y in
            ElementwiseKernel.mask(x, where: Buffer(noise(width).map { $0 > 0 ? 1 : 0 }), with: 7, output: y[0])
        },
        Kernel("StridedKernel.copy", [rows * width, rows * width]) { y in
            StridedKernel.copy(
                x, to: y[0],
                axes: [.init(size: width, source: 1, target: rows), .init(size: rows, source: width, target: 1)])
            let axes = [(5, 7), (rows / 5, width * 5), (7, 1)]
            y[1].replace(with: [Float](repeating: 0, count: rows * width))
            StridedKernel.copy(
                x, from: 3, to: y[1], at: 2, axes: axes.map { .init(size: $0.0, source: $0.1, target: $0.1) })
        },
        Kernel("GELUKernel.forward", [many]) { y in GELUKernel.forward(long, output: y[0]) },
        Kernel("GELUKernel.backward", [many, many]) { y in
            GELUKernel.backward(long, outputGradient: longGradient, inputGradient: y[0], output: y[1])
        },
        Kernel("DropoutKernel.forward", [many]) { y in
            DropoutKernel.forward(long, mask: mask, residual: longGradient, output: y[0])
        },
        Kernel("AdamWKernel.update", [many, many, many]) { state in
            for (buffer, seed) in zip(state, [UInt64(1), 2, 3]) {
                buffer.replace(with: noise(many, seed: seed).map(abs))
            }
            let settings = AdamWKernel.Settings(
                beta1: 0.9, beta2: 0.99, epsilon: 1e-8, gradientScale: 0.7, learningRate: 1e-2, weightDecay: 0.1,
                correction1: 0.1, correction2: 0.01)
            AdamWKernel.update(
                [
                    .init(
                        parameter: state[0], gradient: longGradient, firstMoment: state[1], secondMoment: state[2],
                        decays: true)
                ], settings)
        },
        Kernel("MuonKernel.update", [Int](repeating: rows * width, count: 6)) { state in
            for (index, buffer) in state.enumerated() {
                buffer.replace(with: noise(rows * width, seed: UInt64(index + 1)))
            }
            let updates = (0..<3).map {
                MuonKernel.Update(
                    parameter: state[2 * $0], gradient: x, momentum: state[2 * $0 + 1], rows: rows, sections: 1,
                    scale: 1)
            }
            MuonKernel.update(
                updates, .init(momentum: 0.95, gradientScale: 0.7, learningRate: 1e-2, weightDecay: 0.1))
        },
        Kernel("RowAdamKernel.update", [rows * width, rows * width, rows]) { state in
            for (buffer, seed) in zip(state, [UInt64(1), 2]) {
                buffer.replace(with: noise(rows * width, seed: seed).map(abs))
            }
            state[2].replace(with: [Float](repeating: 0, count: rows))
            RowAdamKernel.update(
                state[0], rows: (0..<rows).map { Int32($0) }, gradient: x, secondMoment: state[1], lastStep: state[2],
                .init(
                    step: 7, beta2: 0.99, epsilon: 1e-8, gradientScale: 0.7, learningRate: 1e-2, correction2: 0.07))
        },
        Kernel("SGDKernel.update", [many, many]) { state in
            for (buffer, seed) in zip(state, [UInt64(1), 2]) { buffer.replace(with: noise(many, seed: seed)) }
            SGDKernel.update(
                state[0], gradient: longGradient, velocity: state[1], learningRate: 0.1, momentum: 0.9, weightDecay: 0.1
            )
        },
        Kernel("ReductionKernel.sum") { [ReductionKernel.sum(long)] },
        Kernel("ReductionKernel.sumOfSquares") { [Float(ReductionKernel.sumOfSquares([long, x]))] },
        Kernel("ReductionKernel.sumRows", [10_001]) { y in ReductionKernel.sumRows(wide, into: y[0]) },
    ]

    private static let byRows = [
        Kernel("AxisKernel.reduce", [rows, 10_001, 7 * 73]) { y in
            AxisKernel.reduce(.sum, x, size: width, inner: 1, output: y[0])
            AxisKernel.reduce(.sum, wide, size: 7, inner: 10_001, output: y[1])
            AxisKernel.reduce(.maximum, wide, size: 137, inner: 73, output: y[2])
        },
        Kernel("AxisKernel.maximumGradient", [rows * width]) { dx in
            let y = Buffer(uninitialized: rows)
            AxisKernel.reduce(.maximum, x, size: width, inner: 1, output: y)
            AxisKernel.maximumGradient(
                x, size: width, inner: 1, output: y, outputGradient: Buffer(noise(rows)), inputGradient: dx[0])
        },
        Kernel("LayerNormKernel.forward", [rows * width]) { y in
            LayerNormKernel.forward(x, weight: gain, bias: bias, output: y[0])
        },
        Kernel("LayerNormKernel.backward", [rows * width, width, width]) { y in
            LayerNormKernel.backward(
                x, weight: gain, outputGradient: dy, inputGradient: y[0], weightGradient: y[1], biasGradient: y[2])
        },
        Kernel("RMSNormKernel.forward", [rows * width]) { y in RMSNormKernel.forward(x, weight: gain, output: y[0]) },
        Kernel("RMSNormKernel.backward", [rows * width, width]) { y in
            RMSNormKernel.backward(x, weight: gain, outputGradient: dy, inputGradient: y[0], weightGradient: y[1])
        },
        Kernel("SoftmaxKernel.forward", [rows * classes]) { y in
            SoftmaxKernel.forward(logits, classes: classes, output: y[0])
        },
        Kernel("SoftmaxKernel.backward", [rows * classes]) { dx in
            SoftmaxKernel.backward(output: logits, classes: classes, outputGradient: logits, inputGradient: dx[0])
        },
        Kernel("CrossEntropyKernel.forward", [rows, rows]) { y in
            CrossEntropyKernel.forward(logits: logits, targets: targets, losses: y[0], logSums: y[1])
        },
        Kernel("CrossEntropyKernel.backward", [rows * classes]) { dx in
            CrossEntropyKernel.backward(
                logits: logits, targets: targets, logSums: Buffer(noise(rows)), scale: 0.5, gradient: dx[0])
        },
        Kernel("SwiGLUKernel.forward", [many - 1]) { y in
            SwiGLUKernel.forward(Buffer(noise(2 * (many - 1))), hidden: 56, output: y[0])
        },
        Kernel("SwiGLUKernel.backward", [2 * (many - 1), many - 1]) { y in
            SwiGLUKernel.backward(
                Buffer(noise(2 * (many - 1))), hidden: 56, outputGradient: Buffer(noise(many - 1)),
                inputGradient: y[0], output: y[1])
        },
        Kernel("EmbeddingKernel.gather", [rows * width]) { y in
            EmbeddingKernel.gather(Buffer(noise(7 * width)), width: width, indices: indices, output: y[0])
        },
        Kernel("EmbeddingKernel.scatterAdd", [7 * width]) { y in
            EmbeddingKernel.scatterAdd(x, width: width, indices: indices, tableGradient: y[0])
        },
    ]

    private static let products = ([1, 7, 16, 24, 40, 99].map { ($0, 121) } + [(331, 13)]).flatMap { rows, columns in
        // Few rows are shared by rows or by columns; 400 x 121 weights are worth sharing from three rows on. Many rows, if they
        // are packed, are cut by rows.
        [(false, false), (false, true), (true, false)].map { left, right in
            Kernel("Matmul.multiply", [rows * columns]) { y in
                let a = Buffer(noise(rows * 400)), b = Buffer(noise(400 * columns, seed: 2))
                Matmul.multiply(
                    left ? Matrix(a, rows: 400, columns: rows).transposed : Matrix(a, rows: rows, columns: 400),
                    right ? Matrix(b, rows: columns, columns: 400).transposed : Matrix(b, rows: 400, columns: columns),
                    into: Matrix(y[0], rows: rows, columns: columns))
            }
        }
    }

    private static let batches = [(37, 9, 20, 41), (3, 65, 300, 257)].map { batch, m, k, n in
        Kernel("Matmul.multiplyBatch", [batch * m * n]) { y in
            Matmul.multiplyBatch(
                batch, Buffer(noise(batch * m * k)), Buffer(noise(batch * k * n)), m: m, k: k, n: n,
                leftTransposed: true, into: y[0])
        }
    }

    private static func filledCache() -> KeyValueCache {
        let cache = KeyValueCache(
            AttentionShape(batch: shape.batch, heads: shape.heads, time: shape.time + 1, headWidth: shape.headWidth))
        cache.fill(from: queryKeyValue, time: shape.time)
        return cache
    }

    /// Keys and values that a cache holds of every text and head.
    private static func contents(_ cache: KeyValueCache) -> [Float] {
        withExtendedLifetime(cache) {
            (0..<shape.batch * shape.heads).flatMap { index in
                let (text, head) = (index / shape.heads, index % shape.heads)
                let (keys, values) = (cache.view.keys(text, head), cache.view.values(text, head))
                return (0..<shape.headWidth * shape.time).flatMap { element in
                    let (channel, position) = (element / shape.time, element % shape.time)
                    return [keys.row(channel)[position], values.row(position)[channel]]
                }
            }
        }
    }

    /// The head outputs of a further token.
    private static func attended(_ cache: KeyValueCache) -> [Float] {
        let output = Buffer(repeating: .nan, count: shape.batch * shape.width)
        cache.attend(
            Buffer(noise(3 * shape.batch * shape.width, seed: 8)), position: shape.time, output: output)
        return output.array
    }

    private static let attention = [
        Kernel("AttentionKernel.forward", [shape.outputCount, shape.rowCount, shape.rowCount * shape.time]) { y in
            AttentionKernel.forward(queryKeyValue, shape, mask: mask, output: y[0], logSums: y[1], weights: y[2])
        },
        Kernel("AttentionKernel.backward", [shape.outputCount, shape.rowCount, 3 * shape.outputCount]) { y in
            AttentionKernel.forward(queryKeyValue, shape, mask: mask, output: y[0], logSums: y[1])
            AttentionKernel.backward(
                queryKeyValue, shape, mask: mask, output: y[0], logSums: y[1], outputGradient: headGradient,
                gradient: y[2])
        },
        Kernel("RotaryKernel.forward", [3 * shape.outputCount]) { y in
            RotaryKernel.forward(queryKeyValue, shape, rotations, output: y[0])
        },
        Kernel("RotaryKernel.backward", [3 * shape.outputCount, 20, 20]) { y in
            RotaryKernel.backward(
                queryKeyValue, shape, rotations, outputGradient: queryKeyValue, inputGradient: y[0],
                queryGainGradient: y[1], keyGainGradient: y[2])
        },
        Kernel("KeyValueCache.fill") { contents(filledCache()) },
        Kernel("KeyValueCache.attend") { attended(filledCache()) },
        Kernel("KeyValueCache.lastWeights") {
            let cache = filledCache()
            _ = attended(cache)
            return cache.lastWeights(text: 2, head: 1, count: shape.time + 1)
        },
    ]

    // Whether several threads take part is for DecodeProgramTests to see.
    private static let decoding = WeightFormat.allCases.map { weights in
        Kernel("DecodeProgram") {
            DecodeProgramTests.run(DecodeProgramTests.program(weights: weights)).logits.flatMap { $0 }
        }
    }

    private static let kernels = elementwise + byRows + products + batches + attention + decoding

    @Test("Every kernel gives the same bits at any number of threads")
    func sameBits() {
        let expected = Parallel.withThreads(1) { Self.kernels.map { $0.run() } }
        #expect(expected.joined().joined().allSatisfy { !$0.isNaN })
        for threads in [2, 3, 5] {
            let results = Parallel.withThreads(threads) { Self.kernels.map { $0.run() } }
            for (kernel, (result, expected)) in zip(Self.kernels, zip(results, expected)) {
                #expect(result == expected, "\(kernel.name) on \(threads) threads")
            }
        }
    }

    @Test("Every entry point of a kernel is among those that are run on different numbers of threads")
    func isComplete() {
        let names = ReferenceTests.definitions.keys.map { $0.hasPrefix("DecodeProgram.") ? "DecodeProgram" : $0 }
        #expect(Set(Self.kernels.map(\.name)) == Set(names))
    }
}
