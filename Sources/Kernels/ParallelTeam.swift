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

    /// Whether somebody's job is being worked on.
    private let isTaken = Atomic<Bool>(false)
    /// The number of the job, or 0 while helpers are not to begin.
    private let open = Atomic<Int>(0)
    /// Helpers who look at the job. It stays as it is until they have left.
    private let inside = Atomic<Int>(0)
    private let next = Atomic<Int>(0)
    private let seats = Atomic<Int>(0)
    private let awake = Atomic<Int>(0)
    private let queue = DispatchQueue.global(qos: .userInitiated)

    // The job: written only by whoever has taken the team, while nobody is inside.
    private nonisolated(unsafe) var count = 0
    private nonisolated(unsafe) var number = 0
    private nonisolated(unsafe) var body: UnsafePointer<(Int) -> Void>?

    /// Calls `body` with every index below `count`, with up to so many helpers; with none while another thread has them.
    func run(_ count: Int, helpers: Int, _ body: UnsafePointer<(Int) -> Void>) {
        guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            for index in 0..<count { body.pointee(index) }
            return
        }
        self.count = count
        self.body = body
        number += 1
        next.store(0, ordering: .relaxed)
        seats.store(helpers, ordering: .relaxed)
        open.store(number, ordering: .sequentiallyConsistent)
        callHelpers(helpers)
        work()
        open.store(0, ordering: .sequentiallyConsistent)
        waitUntilNobodyIsInside()
        isTaken.store(false, ordering: .releasing)
    }

    /// Takes indices until there are none left.
    private func work() {
        guard let body = body?.pointee else { return }
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            body(index)
        }
    }

    private func waitUntilNobodyIsInside() {
        var waits = 0
        while inside.load(ordering: .sequentiallyConsistent) > 0 {
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
        var seen = 0
        var looks = 0
        while looks < Self.patience {
            let job = open.load(ordering: .relaxed)
            if job != 0 && job != seen {
                seen = job
                looks = 0
                help(with: job)
            } else {
                looks += 1
                pauseWhileWaiting()
            }
        }
        awake.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Works on a job, if it is still open once nobody can take it away any more, and there is a seat.
    private func help(with job: Int) {
        inside.wrappingAdd(1, ordering: .sequentiallyConsistent)
        if open.load(ordering: .sequentiallyConsistent) == job,
            seats.wrappingSubtract(1, ordering: .relaxed).oldValue > 0
        {
            work()
        }
        inside.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }
}
