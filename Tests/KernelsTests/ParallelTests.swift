import Foundation
import Synchronization
import Testing

@testable import Kernels

@Suite("Parallel work and memory", .serialized)
struct ParallelTests {
    /// Runs `body` on threads that are not Dispatch's, as in the program: a test that spins on one of those takes a place in
    /// Dispatch's pool that a worker might need. Ends the process if they do not return within two minutes.
    private func onOwnThreads(_ count: Int = 1, _ body: @escaping @Sendable (_ thread: Int) -> Void) {
        let done = DispatchSemaphore(value: 0)
        for thread in 0..<count {
            Thread.detachNewThread {
                body(thread)
                done.signal()
            }
        }
        for _ in 0..<count where done.wait(timeout: .now() + 120) != .success {
            fatalError("one of \(count) threads does not return")
        }
    }

    /// Plain counts in memory: two threads that visit the same index are a race, which the thread sanitizer reports.
    private func withCounts(_ count: Int, _ body: (UnsafeMutablePointer<Int>) -> Void) -> [Int] {
        let counts = UnsafeMutablePointer<Int>.allocate(capacity: max(1, count))
        counts.initialize(repeating: 0, count: count)
        defer { counts.deallocate() }
        body(counts)
        return Array(UnsafeBufferPointer(start: counts, count: count))
    }

    @Test("Every index is visited exactly once", arguments: [0, 1, 2, 3, 1000, 2 * ThreadPool.mostIndices + 3])
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
            onOwnThreads { _ in
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
        let begun = Atomic<Int>(0), met = Atomic<Int>(0), early = Atomic<Int>(0), threads = Atomic<Int>(0)
        let wrong = Atomic<Int>(0), byWorkers = Atomic<Int>(0)
    }

    @Test(
        "Threads of a region pass a barrier only together, and two of them do take part",
        .enabled(if: Parallel.processors > 1))
    func region() {
        let (rounds, steps, most) = (200, 100, 4)
        let deadline = Date(timeIntervalSinceNow: 60)
        let pool = ThreadPool()
        var (largest, round) = (1, 0)
        while round < rounds || largest == 1 && Date() < deadline {
            round += 1
            // Arrivals of each thread; a thread reads those of others right after the barrier.
            let counters = Counters()
            let arrivals = withCounts(most) { arrived in
                nonisolated(unsafe) let arrived = arrived
                onOwnThreads { _ in
                    _ = pool.region(workers: most - 1, 7) { thread, argument in
                        if argument != 7 { counters.early.wrappingAdd(1, ordering: .relaxed) }
                        for step in 1...steps {
                            arrived[thread.number] = step
                            thread.barrier()
                            let slowest = (0..<thread.count).map { arrived[$0] }.min() ?? 0
                            if slowest < step { counters.early.wrappingAdd(1, ordering: .relaxed) }
                            thread.barrier()
                        }
                        counters.threads.store(thread.count, ordering: .relaxed)
                    }
                }
            }
            let threads = counters.threads.load(ordering: .relaxed)
            #expect(arrivals == (0..<most).map { $0 < threads ? steps : 0 })
            largest = max(largest, threads)
            #expect(counters.early.load(ordering: .relaxed) == 0)
        }
        #expect(largest > 1, "no region ran on two threads within a minute")
    }

    @Test("Several callers at once get all of their indices done, once each, and workers do some of them")
    func severalCallers() {
        let (callers, jobs) = (4, 400)
        let deadline = Date(timeIntervalSinceNow: 60)
        let counters = Counters()
        let hasWorkers = Parallel.processors > 1
        repeat {
            onOwnThreads(callers) { caller in
                let ownThread = pthread_self()
                for job in 0..<jobs {
                    let count = (job * 7 + caller) % 50
                    let visits = withCounts(50) { visits in
                        Parallel.forEach(count, workspace: 64 * (job % 3)) { index, workspace in
                            if job % 3 > 0 { workspace[63] = Float(index) }
                            visits[index] += 1
                            if pthread_equal(ownThread, pthread_self()) == 0 {
                                counters.byWorkers.wrappingAdd(1, ordering: .relaxed)
                            }
                        }
                    }
                    if visits != (0..<50).map({ $0 < count ? 1 : 0 }) {
                        counters.wrong.wrappingAdd(1, ordering: .relaxed)
                    }
                    Parallel.region(upTo: 2, job) { thread, argument in
                        if argument != job { counters.wrong.wrappingAdd(1, ordering: .relaxed) }
                        thread.barrier()
                    }
                }
            }
        } while hasWorkers && counters.byWorkers.load(ordering: .relaxed) == 0 && Date() < deadline
        #expect(counters.wrong.load(ordering: .relaxed) == 0)
        #expect(!hasWorkers || counters.byWorkers.load(ordering: .relaxed) > 0, "no worker took part within a minute")
    }

    @Test("Threads pass a spin barrier only together, also those that were away for a while")
    func spinBarrier() {
        let passes = 1000
        let barrier = SpinBarrier(mostThreads: 3)
        for threads in [2, 3, 1, 3] {
            let before = barrier.arrivals
            let counters = Counters()
            let arrivals = withCounts(threads) { arrived in
                nonisolated(unsafe) let arrived = arrived
                onOwnThreads(threads) { thread in
                    for pass in 1...passes {
                        arrived[thread] = pass
                        barrier.wait(thread, of: threads, after: before)
                        for other in 0..<threads where arrived[other] < pass {
                            counters.early.wrappingAdd(1, ordering: .relaxed)
                        }
                        barrier.wait(thread, of: threads, after: before)
                    }
                }
            }
            #expect(counters.early.load(ordering: .relaxed) == 0)
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
