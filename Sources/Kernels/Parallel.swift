import Foundation
import Synchronization

/// The parallel-for that every kernel uses.
package enum Parallel {
    /// The cores that the system lets this process use.
    package static let processors = ProcessInfo.processInfo.activeProcessorCount

    private static let threadLimit = Atomic<Int>(0)

    /// How many threads work on one kernel. Results do not depend on it.
    package static var threads: Int {
        get {
            let limit = threadLimit.load(ordering: .relaxed)
            return min(limit > 0 ? limit : processors, ParallelTeam.mostHelpers + 1)
        }
        set {
            require(newValue > 0, "\(newValue) threads cannot work")
            threadLimit.store(newValue, ordering: .relaxed)
        }
    }

    /// Calls `body` once for every index below `count`, on up to ``threads`` threads, in any order.
    ///
    /// Each thread takes the next index when it has finished one, so a thread that was held up takes fewer.
    /// The indices must write to places of their own; sums across indices are not formed here, which is why results are
    /// the same bits at any number of threads.
    static func forEach(_ count: Int, _ body: (Int) -> Void) {
        if threads == 1 || count <= 1 {
            for index in 0..<max(count, 0) { body(index) }
        } else {
            forEach(count, scratch: 0) { index, _ in body(index) }
        }
    }

    /// The same with working memory for `scratch` floats, which is the caller's for as long as it works on an index. Each
    /// thread has its own and keeps it, so that what is written there stays in the caches of one core.
    @inline(never)
    static func forEach(
        _ count: Int, scratch: Int, _ body: (_ index: Int, _ memory: UnsafeMutablePointer<Float>) -> Void
    ) {
        let helpers = min(threads, count) - 1
        guard helpers > 0 else {
            return Buffer.withScratch(scratch) { memory in
                for index in 0..<max(count, 0) { body(index, memory) }
            }
        }
        withoutActuallyEscaping(body) { body in
            ParallelTeam.shared.run(count, helpers: helpers, scratch: scratch, body)
        }
    }

    /// Carries out a program on up to `count` threads at the same time, and on no more than ``threads`` and cores: for work
    /// in many small steps, where a parallel-for for each would cost more than the step.
    ///
    /// What differs from time to time comes as an argument, so that a program can be kept and nothing is allocated here.
    static func together(upTo count: Int, _ argument: Int, _ program: @escaping ParallelTeam.Program) {
        let helpers = min(threads, processors, count) - 1
        guard helpers > 0 else { return program(Share(), argument) }
        ParallelTeam.shared.together(helpers: helpers, argument, program)
    }

    /// Splits each of several counts into ranges of at most `size`, and calls `body` with every number of a count and every
    /// range of it, as ``forEach(_:_:)`` does: one parallel-for for many small things.
    ///
    /// The first half of each comes before the second halves, so that of two threads each meets the half of a large weight
    /// whose gradient it has summed.
    static func forEachChunk(of counts: [Int], size: Int, _ body: (_ number: Int, _ range: Range<Int>) -> Void) {
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

    /// Splits `0..<count` into ranges of `size`, or of a multiple of it that gives each thread a few, and calls `body` with
    /// each, as ``forEach(_:_:)`` does.
    static func forEachRange(_ count: Int, size: Int, _ body: (Range<Int>) -> Void) {
        require(size > 0, "ranges of \(size)")
        let few = threads * 4 * size
        let size = max(1, (count + few - 1) / few) * size
        forEach((count + size - 1) / size) { index in
            body(index * size..<min(count, (index + 1) * size))
        }
    }
}
