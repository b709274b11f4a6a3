import Synchronization

/// Where threads that work in step wait for each other.
///
/// A thread that has lost its core to another program holds up all others. After that it is better to work alone for a while.
/// It is addresses and stays for good: threads that counted references to it would wait for each other at every count.
struct Rendezvous: @unchecked Sendable {
    /// How often each thread has come here; for one that was not there for a while, how often the first had when it left.
    private let places: UnsafeMutablePointer<SharedWord>
    private let advice: UnsafeMutablePointer<Advice>

    /// When a thread was last delayed by another, until when it is better to work alone, and for how long that was last
    /// advised. In nanoseconds.
    private struct Advice: ~Copyable {
        let delayed = Atomic<UInt64>(0), aloneUntil = Atomic<UInt64>(0), aloneFor = Atomic<UInt64>(0)
    }

    /// A place for so many threads.
    init(mostThreads: Int) {
        places = .allocate(capacity: mostThreads)
        for thread in 0..<mostThreads { (places + thread).initialize(to: SharedWord()) }
        advice = .allocate(capacity: 1)
        advice.initialize(to: Advice())
    }

    /// Whether working together is worth while at the moment.
    var isAdvisable: Bool { SharedWord.now >= advice.pointee.aloneUntil.load(ordering: .relaxed) }

    /// How often the first thread has come here, which has a part in all work. The others count on from there: to set all
    /// back before each work would mean to fetch their lines.
    var visits: UInt64 { places[0].word.load(ordering: .relaxed) }

    /// Returns when each of so many threads has called it as often as this one, in work that began after so many visits.
    func meet(_ thread: Int, of threads: Int, after visits: UInt64) {
        let visit = max(visits, places[thread].word.load(ordering: .relaxed)) + 1
        places[thread].word.store(visit, ordering: .releasing)
        for other in 0..<threads where other != thread {
            let delay = places[other].wait(until: visit)
            if delay > 0 { note(delay: delay) }
        }
    }

    /// Advises against working together for a while if delays come one upon the other, and for twice as long as last time if
    /// that has just ended: a core that was taken away once costs little, one that is shared is left to the other program.
    private func note(delay: UInt64) {
        let now = SharedWord.now
        let before = advice.pointee.delayed.exchange(now, ordering: .relaxed)
        let end = advice.pointee.aloneUntil.load(ordering: .relaxed)
        guard now > end, now < before + 10 * delay else { return }
        let last = advice.pointee.aloneFor.load(ordering: .relaxed)
        let quarterSecond: UInt64 = 250_000_000
        let duration = min(quarterSecond, max(16 * delay, now - end < last ? 2 * last : 0))
        advice.pointee.aloneFor.store(duration, ordering: .relaxed)
        advice.pointee.aloneUntil.store(now + duration, ordering: .relaxed)
    }
}
