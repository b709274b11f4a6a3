import Foundation
import Synchronization
import Testing

@testable import Kernels

@Suite("Parallel work and memory", .serialized)
struct ParallelTests {
    /// Runs `body` on a thread that is not one of Dispatch's, as in the program: a test that spins on one of those takes a
    /// place in Dispatch's pool that a worker might need.
    private func onOwnThread(_ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            body()
            done.signal()
        }
        done.wait()
    }

    /// Plain counts in memory: two threads that visit the same index are a race, which the thread sanitizer reports.
    private func withCounts(_ count: Int, _ body: (UnsafeMutablePointer<Int>) -> Void) -> [Int] {
        let counts = UnsafeMutablePointer<Int>.allocate(capacity: max(1, count))
        counts.initialize(repeating: 0, count: count)
        defer { counts.deallocate() }
        body(counts)
        return Array(UnsafeBufferPointer(start: counts, count: count))
    }

    @Test("Every index is visited exactly once", arguments: [0, 1, 2, 3, 1000])
    func everyIndex(count: Int) {
        let visits = withCounts(count) { visits in Parallel.forEach(count) { visits[$0] += 1 } }
        #expect(visits.allSatisfy { $0 == 1 })
    }

    @Test("Several counts are cut into ranges that together are each of them once", arguments: [1, 7, 8, 100])
    func everyChunk(size: Int) {
        let counts = [0, 1, 7, 8, 9, 1000]
        let starts = counts.indices.map { counts[..<$0].reduce(0, +) }
        let visits = withCounts(counts.reduce(0, +)) { visits in
            Parallel.forEachChunk(of: counts, size: size) { number, range in
                #expect(range.count <= size && range.upperBound <= counts[number])
                for index in range { visits[starts[number] + index] += 1 }
            }
        }
        #expect(visits.allSatisfy { $0 == 1 })
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
            let rmsGradients = (0..<2).map { Buffer(uninitialized: $0 == 0 ? x.count : 40) }
            RMSNormKernel.backward(
                x, weight: Buffer(noise(40)), outputGradient: output, inputGradient: rmsGradients[0],
                weightGradient: rmsGradients[1])
            let rotary = RotaryKernel.Operands(
                queryGain: Buffer(noise(20)), keyGain: Buffer(noise(20, seed: 2)),
                rotations: Buffer(Reference.rotations(time: shape.time, width: 20)))
            let rotaryGradients = [input.count, 20, 20].map { Buffer(uninitialized: $0) }
            RotaryKernel.backward(
                input, shape, rotary, outputGradient: input, inputGradient: rotaryGradients[0],
                queryGainGradient: rotaryGradients[1], keyGainGradient: rotaryGradients[2])
            let table = Buffer(uninitialized: 40 * 7)
            EmbeddingKernel.scatterAdd(
                x, channels: 40, indices: (0..<rows).map { Int32($0 % 7) }, tableGradient: table)
            let results = [
                product, weightGradient, output, attentionGradient, normGradients[0], normGradients[1], table,
                rmsGradients[0], rmsGradients[1],
            ]
            return (results + rotaryGradients + few).map(\.array) + [[Float(ReductionKernel.sumOfSquares([product]))]]
        }
        Parallel.threads = 1
        let expected = run()
        for threads in [2, 3, 5] {
            Parallel.threads = threads
            #expect(run() == expected, "\(threads) threads")
        }
    }

    @Test(
        "Every thread of a parallel-for takes part", .enabled(if: Parallel.processors > 1),
        arguments: 2...max(2, min(8, Parallel.processors)))
    func threadsTakePart(threads: Int) {
        // A pool of its own, since other suites use the shared one at the same time. Each index waits half a second for all
        // others to begin, which takes as many threads as indices. A worker may go back to sleep before a busy machine lets
        // the owner publish the job, so there is a minute for one job in which all meet.
        let pool = ThreadPool()
        let deadline = Date(timeIntervalSinceNow: 60)
        var met = 0
        while met < threads, Date() < deadline {
            let counters = Counters()
            onOwnThread {
                let limit = Date(timeIntervalSinceNow: 0.5)
                pool.forEach(threads, workers: threads - 1, workspace: 0) { _, _ in
                    counters.begun.wrappingAdd(1, ordering: .relaxed)
                    while counters.begun.load(ordering: .relaxed) < threads, Date() < limit { sched_yield() }
                    if counters.begun.load(ordering: .relaxed) == threads, Date() < limit {
                        counters.met.wrappingAdd(1, ordering: .relaxed)
                    }
                }
            }
            met = counters.met.load(ordering: .relaxed)
        }
        #expect(met == threads)
    }

    private final class Counters: Sendable {
        let begun = Atomic<Int>(0), met = Atomic<Int>(0)
    }

    @Test(
        "Threads of a region pass a barrier only together, and two of them do take part",
        .enabled(if: Parallel.processors > 1))
    func region() {
        let (rounds, steps, lines) = (200, 100, 4)
        let deadline = Date(timeIntervalSinceNow: 60)
        let pool = ThreadPool()
        var (largest, round) = (1, 0)
        while round < rounds || largest == 1 && Date() < deadline {
            round += 1
            // Arrivals of each thread; a thread reads those of others right after the barrier.
            let early = Atomic<Int>(0)
            let threads = Atomic<Int>(0)
            let arrivals = withCounts(lines) { arrived in
                pool.region(workers: lines - 1, 7) { thread, argument in
                    if argument != 7 { early.wrappingAdd(1, ordering: .relaxed) }
                    for step in 1...steps {
                        arrived[thread.number] = step
                        thread.barrier()
                        let slowest = (0..<thread.count).map { arrived[$0] }.min() ?? 0
                        if slowest < step { early.wrappingAdd(1, ordering: .relaxed) }
                        thread.barrier()
                    }
                    threads.store(thread.count, ordering: .relaxed)
                }
            }
            #expect(arrivals == (0..<lines).map { $0 < threads.load(ordering: .relaxed) ? steps : 0 })
            largest = max(largest, threads.load(ordering: .relaxed))
            #expect(early.load(ordering: .relaxed) == 0)
        }
        #expect(largest > 1, "no region ran on two threads within a minute")
    }

    @Test("Several callers at once get all of their indices done, once each")
    func severalCallers() {
        let (callers, jobs) = (4, 400)
        let wrong = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: callers) { caller in
            for job in 0..<jobs {
                let count = (job * 7 + caller) % 50
                let visits = withCounts(50) { visits in
                    Parallel.forEach(count, workspace: 64 * (job % 3)) { index, workspace in
                        if job % 3 > 0 { workspace[63] = Float(index) }
                        visits[index] += 1
                    }
                }
                if visits != (0..<50).map({ $0 < count ? 1 : 0 }) { wrong.wrappingAdd(1, ordering: .relaxed) }
                Parallel.region(upTo: 2, job) { thread, argument in
                    if argument != job { wrong.wrappingAdd(1, ordering: .relaxed) }
                    thread.barrier()
                }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    @Test("Threads pass a spin barrier only together, also those that were away for a while")
    func spinBarrier() {
        let passes = 1000
        let barrier = SpinBarrier(mostThreads: 3)
        for threads in [2, 3, 1, 3] {
            let before = barrier.arrivals
            let early = Atomic<Int>(0)
            let arrivals = withCounts(threads) { arrived in
                nonisolated(unsafe) let arrived = arrived
                let done = DispatchSemaphore(value: 0)
                for thread in 0..<threads {
                    Thread.detachNewThread {
                        for pass in 1...passes {
                            arrived[thread] = pass
                            barrier.wait(thread, of: threads, after: before)
                            for other in 0..<threads where arrived[other] < pass {
                                early.wrappingAdd(1, ordering: .relaxed)
                            }
                            barrier.wait(thread, of: threads, after: before)
                        }
                        done.signal()
                    }
                }
                for _ in 0..<threads where done.wait(timeout: .now() + 60) != .success {
                    fatalError("one of \(threads) threads never passes the barrier")
                }
            }
            #expect(early.load(ordering: .relaxed) == 0)
            #expect(arrivals.allSatisfy { $0 == passes })
        }
    }

    @Test("The index ranges of a region's threads follow each other and cover all indices", arguments: [1, 2, 3, 7])
    func ranges(count: Int) {
        let barrier = SpinBarrier(mostThreads: count)
        let threads = (0..<count).map { RegionThread($0, of: count, barrier, after: 0) }
        for indices in [0, 1, 5, 12, 100] {
            #expect(threads.map { $0.range(of: indices) }.flatMap { Array($0) } == Array(0..<indices))
            for some in 1...count + 2 {
                let ranges = threads.map { $0.range(of: indices, among: some) }
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
