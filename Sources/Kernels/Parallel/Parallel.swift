import Foundation
import Synchronization

/// The parallel-for and the parallel region that every kernel uses.
package enum Parallel {
    /// The cores that the system lets this process use.
    package static let processors = ProcessInfo.processInfo.activeProcessorCount

    private static let threadLimit = Atomic<Int>(0)

    /// The threads that share one kernel; one for each core unless set. Results do not depend on it.
    ///
    /// - Precondition: At least 1.
    package static var threads: Int {
        get {
            let limit = threadLimit.load(ordering: .relaxed)
            return min(limit > 0 ? limit : processors, ThreadPool.mostWorkers + 1)
        }
        set {
            require(newValue > 0, "the number of threads must be positive, got \(newValue)")
            threadLimit.store(newValue, ordering: .relaxed)
        }
    }

    /// A parallel-for: calls `body` once for every index below `count`, on up to ``threads`` threads, in any order.
    ///
    /// Each thread takes the next index when it has finished one, so a thread that was preempted takes fewer. Indices write
    /// to places of their own; sums across indices are not formed here, so results have the same bits at any number of
    /// threads.
    static func forEach(_ count: Int, _ body: (Int) -> Void) {
        require(count >= 0, "a parallel-for of \(count) indices")
        if threads == 1 || count <= 1 {
            for index in 0..<count { body(index) }
        } else {
            forEach(count, workspace: 0) { index, _ in body(index) }
        }
    }

    /// As ``forEach(_:_:)``, with a workspace of `workspace` floats, which belongs to the executing thread while it works on an
    /// index. Each thread keeps its workspace from job to job, so that it stays in the caches of one core.
    @inline(never)
    static func forEach(
        _ count: Int, workspace: Int, _ body: (_ index: Int, _ workspace: UnsafeMutablePointer<Float>) -> Void
    ) {
        require(count >= 0, "a parallel-for of \(count) indices")
        let workers = min(threads, count) - 1
        guard workers > 0 else {
            return Buffer.withWorkspace(workspace) { memory in
                for index in 0..<count { body(index, memory) }
            }
        }
        guard count <= ThreadPool.mostIndices else {
            let half = count / 2
            forEach(half, workspace: workspace, body)
            return forEach(count - half, workspace: workspace) { index, memory in body(half + index, memory) }
        }
        withoutActuallyEscaping(body) { body in
            ThreadPool.shared.forEach(count, workers: workers, workspace: workspace, body)
        }
    }

    /// A parallel region: executes `body` on up to `count` threads at the same time, and on no more than ``threads`` and
    /// cores. For work in many small steps, where a parallel-for for each would cost more than the step.
    ///
    /// - Parameters:
    ///   - count: The most threads.
    ///   - argument: Passed on; what differs from run to run, so that `body` can be kept and nothing is allocated here.
    ///   - pool: Whose threads; a test may have a pool of its own, which no other test uses.
    ///   - body: What each thread executes, on its share of the work.
    /// - Returns: The threads that took part.
    @discardableResult
    static func region(
        upTo count: Int, _ argument: Int, on pool: ThreadPool = .shared, _ body: @escaping ThreadPool.RegionBody
    ) -> Int {
        let workers = min(threads, processors, count) - 1
        guard workers > 0 else {
            body(RegionThread(), argument)
            return 1
        }
        return pool.region(workers: workers, argument, body)
    }

    /// Splits each of several counts into ranges of at most `size`, and calls `body` with every count's number and every
    /// range of it, as ``forEach(_:_:)`` does: one parallel-for for many small buffers.
    ///
    /// The first half of each count comes before the second halves, so that of two threads each meets the half of a large
    /// weight whose gradient it has summed.
    static func forEachChunk(of counts: [Int], size: Int, _ body: (_ number: Int, _ range: Range<Int>) -> Void) {
        require(size > 0, "the chunk size must be positive, got \(size)")
        var chunks: [(Int, Range<Int>)] = []
        for isSecondHalf in [false, true] {
            for (number, count) in counts.enumerated() {
                for start in stride(from: 0, to: count, by: size) where (2 * start >= count) == isSecondHalf {
                    chunks.append((number, start..<min(count, start + size)))
                }
            }
        }
        chunks.withUnsafeBufferPointer { chunks in
            forEach(chunks.count) { index in body(chunks[index].0, chunks[index].1) }
        }
    }

    /// Splits `0..<count` into index ranges of `grain`, or of a multiple of it that gives each thread a few, and calls
    /// `body` with each, as ``forEach(_:_:)`` does.
    static func forEachRange(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        require(grain > 0, "the grain size must be positive, got \(grain)")
        let few = threads * 4 * grain
        let size = max(1, (count + few - 1) / few) * grain
        forEach((count + size - 1) / size) { index in
            body(index * size..<min(count, (index + 1) * size))
        }
    }

    /// Overwrites all memory that no buffer uses, so that a test finds kernels that read before they write.
    package static func overwriteUnusedMemory(with value: Float) {
        ThreadPool.shared.overwriteWorkspaces(with: value)
        BufferPool.shared.overwriteUnused(with: value)
    }
}
