import CPUSupport
import Dispatch
import Synchronization

/// Threads of Dispatch that help with one parallel-for after the other.
///
/// A training step is a few hundred parallel-fors with hardly a pause between. `DispatchQueue.concurrentPerform` lets its
/// threads sleep at the end of each and wakes them for the next: through the kernel, 15 % of a step of the small preset.
/// Here a helper stays awake for a moment and looks for the next one; if none comes, it goes back to Dispatch.
/// Nothing waits for a helper to arrive: the thread that asks does whatever the helpers do not.
final class ParallelTeam: Sendable {
    static let shared = ParallelTeam()

    /// How often a helper looks for work before it goes: about a tenth of a millisecond.
    private static let patience = 4000

    private let current = Mutex<ParallelJob?>(nil)
    /// Counts the jobs, so that a helper sees without a lock that there is a new one.
    private let generation = Atomic<Int>(0)
    private let awake = Atomic<Int>(0)
    private let queue = DispatchQueue.global(qos: .userInitiated)

    /// Does a job, with what help there is.
    func run(_ job: ParallelJob) {
        current.withLock { $0 = job }
        generation.wrappingAdd(1, ordering: .releasing)
        callHelpers(job.freeSeats)
        job.work()
        job.waitUntilFinished()
        // A newer job of another thread stays.
        current.withLock { if $0 === job { $0 = nil } }
    }

    private func callHelpers(_ wanted: Int) {
        while awake.load(ordering: .relaxed) < wanted {
            awake.wrappingAdd(1, ordering: .relaxed)
            queue.async { [self] in helpUntilIdle() }
        }
    }

    private func helpUntilIdle() {
        var seen = -1
        var looks = 0
        while looks < Self.patience {
            let newest = generation.load(ordering: .acquiring)
            if newest != seen {
                seen = newest
                looks = 0
                current.withLock { $0 }?.help()
            } else {
                looks += 1
                pauseWhileWaiting()
            }
        }
        awake.wrappingSubtract(1, ordering: .relaxed)
    }
}
