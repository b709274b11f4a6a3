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
    private let awake = Atomic<Int>(0)
    private let queue = DispatchQueue.global(qos: .userInitiated)
    /// What to do with an index: written only by whoever has taken the team, before the ticket, and read after it.
    private nonisolated(unsafe) var body: UnsafePointer<(Int) -> Void>?

    /// Calls `body` with every index below `count`, and wakes helpers until so many are awake; does all itself while another
    /// thread has them.
    func run(_ count: Int, helpers: Int, _ body: UnsafePointer<(Int) -> Void>) {
        require(count <= Self.mostIndices, "\(count) pieces of work at once; \(Self.mostIndices) is the most")
        guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            for index in 0..<count { body.pointee(index) }
            return
        }
        self.body = body
        finished.word.store(0, ordering: .relaxed)
        ticket.word.store(UInt64(count) << Self.countShift, ordering: .releasing)
        callHelpers(helpers)
        wait(until: count - work(isHelper: false))
        isTaken.store(false, ordering: .releasing)
    }

    /// The most indices a job can have. Each thread may add one too many to a part, for which there is room.
    static let mostIndices = 1 << 20
    private static let backShift: UInt64 = 21
    private static let countShift: UInt64 = 42
    private static let mask: UInt64 = (1 << 21) - 1

    /// Takes indices until there are none left, and tells how many it has done.
    private func work(isHelper: Bool) -> Int {
        let one: UInt64 = isHelper ? 1 << Self.backShift : 1
        var done = 0
        while Self.hasIndices(ticket.word.load(ordering: .relaxed)) {
            let taken = ticket.word.wrappingAdd(one, ordering: .acquiringAndReleasing).oldValue
            guard Self.hasIndices(taken), let body = body?.pointee else { break }
            let fromBack = Int((taken >> Self.backShift) & Self.mask)
            body(isHelper ? Int(taken >> Self.countShift) - 1 - fromBack : Int(taken & Self.mask))
            done += 1
        }
        return done
    }

    /// Whether indices are left to hand out.
    private static func hasIndices(_ ticket: UInt64) -> Bool {
        (ticket & mask) + ((ticket >> backShift) & mask) < ticket >> countShift
    }

    private func wait(until count: Int) {
        var waits = 0
        while finished.word.load(ordering: .acquiring) < count {
            waits += 1
            // A helper that lost its core in the middle of an index needs one to finish.
            if waits % 1024 == 0 { sched_yield() } else { pauseWhileWaiting() }
        }
    }

    private func callHelpers(_ wanted: Int) {
        while awake.load(ordering: .relaxed) < wanted {
            awake.wrappingAdd(1, ordering: .relaxed)
            queue.async { [self] in helpUntilIdle() }
        }
    }

    private func helpUntilIdle() {
        var looks = 0
        while looks < Self.patience {
            let done = work(isHelper: true)
            if done > 0 {
                finished.word.wrappingAdd(UInt64(done), ordering: .releasing)
                looks = 0
            } else {
                looks += 1
                pauseWhileWaiting()
            }
        }
        awake.wrappingSubtract(1, ordering: .relaxed)
    }
}
