import Synchronization

/// A barrier for threads of a parallel region: each returns from ``wait(_:of:after:)`` when all have arrived.
///
/// Every thread counts its arrivals in a cache line of its own and polls the others' counts, which costs one transfer of
/// a line per pair of threads: 100 ns where cores share a cache. Counts only grow. Resetting them for each region would
/// fetch every line once more; instead a region remembers thread 0's count at its start and continues from there.
///
/// Protocol: an arrival is a releasing store to the thread's own count, which pairs with the acquiring load of each thread
/// that waits for it. So writes before the barrier are visible to all threads after it.
///
/// The type consists of addresses and is never deallocated, because threads that retain and release the same object wait
/// for each other at every count.
struct SpinBarrier: @unchecked Sendable {
    /// Arrivals of each thread. Thread 0 takes part in all regions; another one's count may lag behind while it does not.
    private let counts: UnsafeMutablePointer<PaddedAtomic>
    private let backoff: UnsafeMutablePointer<Backoff>

    /// When a thread was last delayed by another, until when regions should run on one thread, and how long that backoff
    /// is; in nanoseconds. Only hints, so all accesses are relaxed.
    private struct Backoff: ~Copyable {
        let delayed = Atomic<UInt64>(0), end = Atomic<UInt64>(0), duration = Atomic<UInt64>(0)
    }

    /// Allocates a barrier for up to `mostThreads` threads.
    init(mostThreads: Int) {
        counts = .allocate(capacity: mostThreads)
        for thread in 0..<mostThreads { (counts + thread).initialize(to: PaddedAtomic()) }
        backoff = .allocate(capacity: 1)
        backoff.initialize(to: Backoff())
    }

    /// Whether a region is likely to be faster on several threads than on one at the moment.
    var allowsThreads: Bool { monotonicNow() >= backoff.pointee.end.load(ordering: .relaxed) }

    /// Arrivals of thread 0 so far: where the counts of a new region begin. Read by thread 0 only.
    var arrivals: UInt64 { counts[0].word.load(ordering: .relaxed) }

    /// Arrives, and returns when all threads have arrived as often as this one.
    ///
    /// - Parameters:
    ///   - thread: This thread's number in the region, from 0.
    ///   - threads: Threads in the region.
    ///   - start: ``arrivals`` when the region began.
    func wait(_ thread: Int, of threads: Int, after start: UInt64) {
        let arrival = max(start, counts[thread].word.load(ordering: .relaxed)) + 1
        counts[thread].word.store(arrival, ordering: .releasing)
        for other in 0..<threads where other != thread {
            let delay = counts[other].wait(until: arrival)
            if delay > 0 { recordDelay(delay) }
        }
    }

    /// Begins a backoff, in which regions run on one thread, after two delays in short succession; it lasts twice as long as
    /// the one before if that has just ended. A core that was preempted once costs little; one that another program occupies would
    /// delay every barrier by a scheduler's time slice, milliseconds.
    private func recordDelay(_ delay: UInt64) {
        let now = monotonicNow()
        let before = backoff.pointee.delayed.exchange(now, ordering: .relaxed)
        let end = backoff.pointee.end.load(ordering: .relaxed)
        guard now > end, now < before + 10 * delay else { return }
        let last = backoff.pointee.duration.load(ordering: .relaxed)
        let quarterSecond: UInt64 = 250_000_000
        let duration = min(quarterSecond, max(16 * delay, now - end < last ? 2 * last : 0))
        backoff.pointee.duration.store(duration, ordering: .relaxed)
        backoff.pointee.end.store(now + duration, ordering: .relaxed)
    }
}
