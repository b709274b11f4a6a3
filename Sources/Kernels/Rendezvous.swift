import Synchronization

/// Where threads that work in step wait for each other.
///
/// A thread that has lost its core to another program holds up all others. After that it is better to work alone for a while.
final class Rendezvous: Sendable {
    /// How often each thread has come here since the work began.
    private nonisolated(unsafe) let visits: UnsafeMutablePointer<SharedWord>
    private let mostThreads: Int
    private let aloneUntil = Atomic<UInt64>(0), aloneFor = Atomic<UInt64>(0)

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
            if delay > 0 { adviseAgainst(after: delay) }
        }
    }

    /// Advises against working together for some times as long as the delay was, and for four times as long as last time if
    /// that is not long ago: a core that was taken away once costs little, and one that is shared is left to the other program.
    private func adviseAgainst(after delay: UInt64) {
        let (now, end) = (SharedWord.now, aloneUntil.load(ordering: .relaxed))
        let last = aloneFor.load(ordering: .relaxed)
        guard now > end else { return }
        let second: UInt64 = 1_000_000_000
        let duration = min(second, max(16 * delay, now - end < last ? 4 * last : 0))
        aloneFor.store(duration, ordering: .relaxed)
        aloneUntil.store(now + duration, ordering: .relaxed)
    }
}
