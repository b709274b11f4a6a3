import CPUSupport
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Threads of Dispatch that help with one parallel-for after the other.
///
/// A training step is a few hundred parallel-fors with hardly a pause between. `DispatchQueue.concurrentPerform` lets its
/// threads sleep at the end of each and wakes them for the next: through the kernel, 15 % of a step of the small preset.
/// Here a helper stays awake for a moment and looks for the next job; if none comes, it goes back to Dispatch.
/// Nothing waits for a helper to arrive: the thread that asks does whatever the helpers do not. Nothing is allocated or
/// counted by reference either; two threads that count the same reference cost each other more than a small job takes.
final class ParallelTeam: Sendable {
    static let shared = ParallelTeam()

    /// How often a helper looks for work before it goes: about a tenth of a millisecond.
    private static let patience = 4000

    /// Words of memory apart from each other: a core that writes one does not take another away from its reader.
    private struct Apart: ~Copyable {
        let word = Atomic<UInt64>(0)
        private let filling = InlineArray<15, UInt64>(repeating: 0)
    }

    /// The job in one word: how many indices it has, how many were taken from its end, how many from its beginning. Adding
    /// one to a part takes an index, of whatever job is there at that moment, which then cannot end before it is done.
    ///
    /// Who asks goes up from the first index, helpers go down from the last. Rows of a matrix have their places in every
    /// job, so a core mostly meets the rows that it has just worked on and still has in its caches; and they meet where
    /// both are done.
    private let ticket = Apart()
    /// How many indices of the job the helpers have done.
    private let finished = Apart()
    /// Whether somebody's job is being worked on.
    private let isTaken = Atomic<Bool>(false)
    private let queue = DispatchQueue.global(qos: .userInitiated)
    /// What to do with an index: written only by whoever has taken the team, before the ticket, and read after it.
    private nonisolated(unsafe) var job: UnsafePointer<Job>?
    /// Whoever has taken the team, and after it the helpers.
    private nonisolated(unsafe) let members = UnsafeMutablePointer<Member>.allocate(capacity: mostHelpers + 1)
    /// How often each of several threads that work together has waited for the others.
    private nonisolated(unsafe) let waits = UnsafeMutablePointer<Apart>.allocate(capacity: mostHelpers + 1)
    /// Until when and for how long to work alone, because a thread has held up the others. In nanoseconds.
    private let aloneUntil = Atomic<UInt64>(0), aloneFor = Atomic<UInt64>(0)
    /// The largest number of a helper that was ever called.
    private nonisolated(unsafe) var lastHelper = 0

    /// The most helpers there can be.
    private static let mostHelpers = 255

    /// What to do with an index, in the working memory of the thread that does it.
    typealias Body = (_ index: Int, _ memory: UnsafeMutablePointer<Float>) -> Void

    /// What a helper does: nothing, or it was called and has not come yet, or it works and looks for work, or it does so
    /// and will not leave, because somebody counts on it.
    private static let asleep: UInt8 = 0, called: UInt8 = 1, awake: UInt8 = 2, reserved: UInt8 = 3

    /// It cannot be copied, so that no thread counts itself among the holders of the closure.
    private struct Job: ~Copyable {
        private let body: Body

        init(_ body: @escaping Body) { self.body = body }

        @inline(never)
        func work(on index: Int, in member: borrowing Member) { body(index, member.memory.pointer) }
    }

    /// A thread of the team.
    private struct Member: ~Copyable {
        let state = Atomic<UInt8>(asleep)
        /// Working memory, the same for every job, so that it stays in the caches of one core. Written only by whoever has
        /// taken the team, before the ticket.
        var memory = Buffer(uninitialized: 0)
    }

    private init() {
        for number in 0...Self.mostHelpers {
            (members + number).initialize(to: Member())
            (waits + number).initialize(to: Apart())
        }
    }

    /// Calls `body` with every index below `count`, and wakes helpers until so many are awake; does all itself while another
    /// thread has them.
    ///
    /// - Parameters:
    ///   - count: How many indices there are.
    ///   - helpers: How many threads are to help.
    ///   - scratch: How many floats of working memory each of them needs.
    ///   - body: What to do with an index.
    func run(_ count: Int, helpers: Int, scratch: Int, _ body: @escaping Body) {
        require(count <= Self.mostIndices, "\(count) pieces of work at once; \(Self.mostIndices) is the most")
        guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return Buffer.withScratch(scratch) { memory in
                for index in 0..<count { body(index, memory) }
            }
        }
        let helpers = min(helpers, Self.mostHelpers)
        lastHelper = max(lastHelper, helpers)
        for number in 0...lastHelper where members[number].memory.count < scratch {
            members[number].memory = Buffer(uninitialized: scratch)
        }
        if helpers > 0 {
            for number in 1...helpers { wake(number) }
        }
        share(count, body)
        isTaken.store(false, ordering: .releasing)
    }

    /// Calls `body` once on each of several threads at the same time: the one that asks and those of `helpers` others that
    /// are awake. Those that are not are woken for the next time.
    ///
    /// A thread that has lost its core to another program holds up all others. When that has happened, the asking thread
    /// works alone for a while.
    func together(helpers: Int, _ body: @escaping (Share) -> Void) {
        guard now >= aloneUntil.load(ordering: .relaxed),
            isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
        else { return body(Share(number: 0, count: 1)) }
        var count = 1
        if helpers > 0 {
            for number in 1...min(helpers, Self.mostHelpers) {
                if change(number, from: Self.awake, to: Self.reserved) { count += 1 } else { wake(number) }
            }
        }
        let threads = count
        lastHelper = max(lastHelper, helpers)
        for number in 0..<threads { waits[number].word.store(0, ordering: .relaxed) }
        share(threads) { index, _ in body(Share(number: index, count: threads)) }
        if helpers > 0 {
            for number in 1...helpers { _ = change(number, from: Self.reserved, to: Self.awake) }
        }
        isTaken.store(false, ordering: .releasing)
    }

    /// Returns when each of so many threads that work together has called it as often as this one.
    func waitForOthers(_ number: Int, of count: Int) {
        let wait = Int(waits[number].word.load(ordering: .relaxed)) + 1
        waits[number].word.store(UInt64(wait), ordering: .releasing)
        for other in 0..<count where other != number {
            let delay = self.wait(until: wait, of: waits[other])
            if delay > 0 { workAlone(after: delay) }
        }
    }

    /// Stays alone for some times as long as the delay was, and four times as long as last time if that is not long ago: a core
    /// that was taken away once costs little, and one that is shared with another program is left to it.
    private func workAlone(after delay: UInt64) {
        let (time, end, last) = (now, aloneUntil.load(ordering: .relaxed), aloneFor.load(ordering: .relaxed))
        guard time > end else { return }
        let duration = min(max(16 * delay, time - end < 4 * last ? 4 * last : 0), Self.longestAlone)
        aloneFor.store(duration, ordering: .relaxed)
        aloneUntil.store(time + duration, ordering: .relaxed)
    }

    /// A second.
    private static let longestAlone: UInt64 = 1_000_000_000

    /// The time in nanoseconds.
    private var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// Hands out the indices of a job and returns when all are done. Only for whoever has taken the team.
    private func share(_ count: Int, _ body: @escaping Body) {
        withUnsafePointer(to: Job(body)) { job in
            self.job = job
            finished.word.store(0, ordering: .relaxed)
            ticket.word.store(UInt64(count) << Self.countShift, ordering: .releasing)
            wait(until: count - work(as: 0), of: finished)
        }
    }

    /// The most indices a job can have. Each thread may add one too many to a part, for which there is room.
    static let mostIndices = 1 << 20
    private static let backShift: UInt64 = 21
    private static let countShift: UInt64 = 42
    private static let mask: UInt64 = (1 << 21) - 1

    /// Takes indices until there are none left, and tells how many it has done.
    private func work(as number: Int) -> Int {
        let isHelper = number > 0
        let one: UInt64 = isHelper ? 1 << Self.backShift : 1
        var done = 0
        while Self.hasIndices(ticket.word.load(ordering: .relaxed)) {
            let taken = ticket.word.wrappingAdd(one, ordering: .acquiringAndReleasing).oldValue
            guard Self.hasIndices(taken), let job else { break }
            let fromBack = Int((taken >> Self.backShift) & Self.mask)
            let index = isHelper ? Int(taken >> Self.countShift) - 1 - fromBack : Int(taken & Self.mask)
            job.pointee.work(on: index, in: members[number])
            done += 1
        }
        return done
    }

    /// Whether indices are left to hand out.
    private static func hasIndices(_ ticket: UInt64) -> Bool {
        (ticket & mask) + ((ticket >> backShift) & mask) < ticket >> countShift
    }

    /// Returns for how many nanoseconds a thread that must have lost its core has delayed this one.
    @discardableResult
    private func wait(until count: Int, of counter: borrowing Apart) -> UInt64 {
        var looks = 0
        var late: UInt64 = 0
        while counter.word.load(ordering: .acquiring) < count {
            looks += 1
            if looks == 2 * Self.patience { late = now }
            // A thread that lost its core in the middle of its work needs one to finish.
            if looks % 1024 == 0 { sched_yield() } else { pauseWhileWaiting() }
        }
        return late > 0 ? now - late : 0
    }

    private func wake(_ number: Int) {
        guard members[number].state.load(ordering: .relaxed) == Self.asleep else { return }
        members[number].state.store(Self.called, ordering: .relaxed)
        queue.async { [self] in helpUntilIdle(number) }
    }

    private func helpUntilIdle(_ number: Int) {
        members[number].state.store(Self.awake, ordering: .releasing)
        var looks = 0
        while looks < Self.patience || !change(number, from: Self.awake, to: Self.asleep) {
            let done = work(as: number)
            if done > 0 {
                finished.word.wrappingAdd(UInt64(done), ordering: .releasing)
                looks = 0
            } else {
                looks += 1
                pauseWhileWaiting()
            }
        }
    }

    private func change(_ number: Int, from old: UInt8, to new: UInt8) -> Bool {
        members[number].state.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}
