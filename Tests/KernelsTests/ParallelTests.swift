import Foundation
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

    @Test("Several counts are cut into ranges that together are each of them once", arguments: [1, 7, 8, 100])
    func everyChunk(size: Int) {
        let counts = [0, 1, 7, 8, 9, 1000]
        let visits = Mutex(counts.map { [Int](repeating: 0, count: $0) })
        Parallel.forEachChunk(of: counts, size: size) { number, range in
            #expect(range.count <= size)
            visits.withLock { visits in for index in range { visits[number][index] += 1 } }
        }
        #expect(visits.withLock { $0 == counts.map { [Int](repeating: 1, count: $0) } })
    }

    @Test("Every kernel gives the same bits at any number of threads")
    func sameBits() {
        defer { Parallel.threads = Parallel.processors }
        let shape = AttentionShape(batch: 3, heads: 2, time: 33, headWidth: 20)
        let input = Buffer(noise(3 * shape.batch * shape.time * shape.channels))
        let weight = Buffer(noise(40 * 3 * 40))
        let wide = Buffer(noise(400 * 120))
        func run() -> [[Float]] {
            let rows = shape.batch * shape.time
            let product = Buffer(uninitialized: rows * 120)
            let x = Buffer(noise(rows * 40))
            Matmul.multiply(
                Matrix(x, rows: rows, columns: 40), Matrix(weight, rows: 40, columns: 120),
                into: Matrix(product, rows: rows, columns: 120))
            // Few rows are shared out by rows or by columns; of 400 x 120 weights, seven rows are worth sharing.
            let few = [7, 16, 24, 40].flatMap { rows in
                [Matrix(wide, rows: 400, columns: 120), Matrix(wide, rows: 120, columns: 400).transposed].map {
                    weight in
                    let product = Buffer(uninitialized: rows * 120)
                    Matmul.multiply(
                        Matrix(Buffer(noise(rows * 400)), rows: rows, columns: 400), weight,
                        into: Matrix(product, rows: rows, columns: 120))
                    return product
                }
            }
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
            let results = [
                product, weightGradient, output, attentionGradient, normGradients[0], normGradients[1], table,
            ]
            return (results + few).map(\.array) + [[Float(ReductionKernel.sumOfSquares([product]))]]
        }
        Parallel.threads = 1
        let expected = run()
        for threads in [2, 3, 5] {
            Parallel.threads = threads
            #expect(run() == expected, "\(threads) threads")
        }
    }

    @Test("Threads that work together never go on before all have come as far")
    func together() {
        let steps = 100
        for _ in 0..<200 {
            let arrived = Mutex([Int: Int]())
            let early = Mutex(0)
            Parallel.together(upTo: 4, 7) { share, argument in
                #expect(argument == 7)
                for step in 1...steps {
                    arrived.withLock { $0[share.number] = step }
                    share.waitForOthers()
                    let slowest = arrived.withLock { all in (0..<share.count).map { all[$0] ?? 0 }.min() ?? 0 }
                    if slowest < step { early.withLock { $0 += 1 } }
                }
            }
            #expect(early.withLock { $0 } == 0)
        }
    }

    @Test("Threads that meet again and again never go on before all have come, also those that were away for a while")
    func rendezvous() {
        let meetings = 1000
        let rendezvous = Rendezvous(mostThreads: 3)
        for threads in [2, 3, 1, 3] {
            let before = rendezvous.visits
            let arrived = Mutex([Int](repeating: 0, count: threads))
            let early = Mutex(0)
            let done = DispatchSemaphore(value: 0)
            for thread in 0..<threads {
                Thread.detachNewThread {
                    for meeting in 1...meetings {
                        arrived.withLock { $0[thread] = meeting }
                        rendezvous.meet(thread, of: threads, after: before)
                        if arrived.withLock({ $0.contains { $0 < meeting } }) { early.withLock { $0 += 1 } }
                    }
                    done.signal()
                }
            }
            for _ in 0..<threads {
                guard done.wait(timeout: .now() + 60) == .success else {
                    Issue.record("one of \(threads) threads waits for ever")
                    return
                }
            }
            #expect(early.withLock { $0 } == 0)
        }
    }

    @Test("A share of a number of indices begins where the one before it ends", arguments: [1, 2, 3, 7])
    func shares(count: Int) {
        let rendezvous = Rendezvous(mostThreads: count)
        for indices in [0, 1, 5, 12, 100] {
            let ranges = (0..<count).map { Share(number: $0, count: count, rendezvous, after: 0).range(of: indices) }
            #expect(ranges.flatMap { Array($0) } == Array(0..<indices))
            for some in 1...count + 2 {
                let ranges = (0..<count).map {
                    Share(number: $0, count: count, rendezvous, after: 0).range(of: indices, among: some)
                }
                #expect(ranges.flatMap { Array($0) } == Array(0..<indices))
                #expect(ranges.dropFirst(some).allSatisfy { $0.isEmpty })
            }
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
