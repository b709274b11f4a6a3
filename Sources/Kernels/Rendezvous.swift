import Synchronization

/// Where threads that work in step wait for each other.
///
/// A thread that has lost its core to another program holds up all others. After that it is better to work alone for a while.
final class Rendezvous: Sendable {
    /// How often each thread has come here since the work began.
    private nonisolated(unsafe) let visits: UnsafeMutablePointer<SharedWord>
    private let mostThreads: Int
    /// When a thread was last delayed by another, until when it is better to work alone, and for how long that was last
    /// advised. In nanoseconds.
    private let delayed = Atomic<UInt64>(0), aloneUntil = Atomic<UInt64>(0), aloneFor = Atomic<UInt64>(0)

    /// A place for so many threads.
    init(mostThreads: Int) {
        self.mostThreads = mostThreads
        visits = .allocate(capacity: mostThreads)
        for thread in 0..<mostThreads { (visits + thread).initialize(to: SharedWord()) }
    }

    deinit {
        visits.deinitialize(count: mostThreads)
        visits.deallocate()
    }

    /// Whether working together is worth while at the moment.
    var isAdvisable: Bool { SharedWord.now >= aloneUntil.load(ordering: .relaxed) }

    /// Prepares it for so many threads, of which none is at work yet.
    func open(for threads: Int) {
        for thread in 0..<threads { visits[thread].word.store(0, ordering: .relaxed) }
    }

    /// Returns when each of so many threads has called it as often as this one.
    func meet(_ thread: Int, of threads: Int) {
        let visit = visits[thread].word.load(ordering: .relaxed) + 1
        visits[thread].word.store(visit, ordering: .releasing)
        for other in 0..<threads where other != thread {
            let delay = visits[other].wait(until: visit)
            if delay > 0 { note(delay: delay) }
        }
    }

    /// Advises against working together for a while if delays come one upon the other, and for twice as long as last time if
    /// that has just ended: a core that was taken away once costs little, one that is shared is left to the other program.
    private func note(delay: UInt64) {
        let now = SharedWord.now
        let (before, end) = (delayed.exchange(now, ordering: .relaxed), aloneUntil.load(ordering: .relaxed))
        guard now > end, now < before + 10 * delay else { return }
        let last = aloneFor.load(ordering: .relaxed)
        let quarterSecond: UInt64 = 250_000_000
        let duration = min(quarterSecond, max(16 * delay, now - end < last ? 2 * last : 0))
        aloneFor.store(duration, ordering: .relaxed)
        aloneUntil.store(now + duration, ordering: .relaxed)
    }
}
