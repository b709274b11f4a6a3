import Synchronization
import Testing

@testable import Kernels

@Suite("Parallel work and memory", .serialized)
struct ParallelTests {
    @Test("Every index is visited exactly once", arguments: [0, 1, 2, 3, 1000])
    func everyIndex(count: Int) {
        let visits = Mutex([Int](repeating: 0, count: count))
        Parallel.forEach(count) { index in visits.withLock { $0[index] += 1 } }
        #expect(visits.withLock { $0.allSatisfy { $0 == 1 } })
    }

    @Test("Every kernel gives the same bits at any number of threads")
    func sameBits() {
        defer { Parallel.threads = Parallel.processors }
        let shape = AttentionShape(batch: 3, heads: 2, time: 33, headWidth: 20)
        let input = Buffer(noise(3 * shape.batch * shape.time * shape.channels))
        let weight = Buffer(noise(40 * 3 * 40))
        func run() -> [[Float]] {
            let rows = shape.batch * shape.time
            let product = Buffer(uninitialized: rows * 120)
            let x = Buffer(noise(rows * 40))
            Matmul.multiply(
                Matrix(x, rows: rows, columns: 40), Matrix(weight, rows: 40, columns: 120),
                into: Matrix(product, rows: rows, columns: 120))
            let weightGradient = Buffer(uninitialized: weight.count)
            Matmul.multiply(
                Matrix(x, rows: rows, columns: 40).transposed, Matrix(product, rows: rows, columns: 120),
                into: Matrix(weightGradient, rows: 40, columns: 120))
            let (output, sums) = (Buffer(uninitialized: rows * 40), Buffer(uninitialized: rows * 2))
            AttentionKernel.forward(input, shape, output: output, logSums: sums)
            let attentionGradient = Buffer(uninitialized: input.count)
            AttentionKernel.backward(
                input, shape, output: output, logSums: sums, outputGradient: x, gradient: attentionGradient)
            let normGradients = (0..<2).map { Buffer(uninitialized: $0 == 0 ? x.count : 40) }
            LayerNormKernel.backward(
                x, weight: Buffer(noise(40)), outputGradient: output, inputGradient: normGradients[0],
                weightGradient: normGradients[1], biasGradient: nil)
            let table = Buffer(uninitialized: 40 * 7)
            EmbeddingKernel.scatterAdd(
                x, channels: 40, indices: (0..<rows).map { Int32($0 % 7) }, tableGradient: table)
            return [product, weightGradient, output, attentionGradient, normGradients[0], normGradients[1], table]
                .map(\.array) + [[Float(ReductionKernel.sumOfSquares([product]))]]
        }
        Parallel.threads = 1
        let expected = run()
        for threads in [2, 3, 5] {
            Parallel.threads = threads
            #expect(run() == expected, "\(threads) threads")
        }
    }

    @Test("Memory is aligned to a cache line and used again")
    func memory() {
        // A size that no other test asks for.
        let count = 1_234_567
        let first = UInt(bitPattern: Buffer(uninitialized: count).pointer)
        #expect(first % 64 == 0)
        #expect(UInt(bitPattern: Buffer(uninitialized: count).pointer) == first)
    }
}
