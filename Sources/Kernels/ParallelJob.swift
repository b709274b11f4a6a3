import CPUSupport
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One parallel-for: indices to be taken by whoever has time.
final class ParallelJob: Sendable {
    private let count: Int
    /// Safe to call from any thread because the indices write to places of their own. A late helper may still hold the job
    /// when the function that lent the body has returned, but then all indices are taken and it does not look at it.
    private nonisolated(unsafe) let body: UnsafePointer<(Int) -> Void>
    private let next = Atomic<Int>(0)
    private let finished = Atomic<Int>(0)
    private let seats: Atomic<Int>

    init(_ count: Int, helpers: Int, _ body: UnsafePointer<(Int) -> Void>) {
        self.count = count
        self.body = body
        seats = Atomic(helpers)
    }

    /// How many threads besides the one that asks may help.
    var freeSeats: Int { seats.load(ordering: .relaxed) }

    /// Works as one of the helpers, if one more is wanted.
    func help() {
        if seats.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 { work() }
    }

    /// Takes indices until there are none left.
    func work() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            body.pointee(index)
            finished.wrappingAdd(1, ordering: .releasing)
        }
    }

    /// Waits for those who are still at an index. Every index was taken by a thread that runs, so this is not long.
    func waitUntilFinished() {
        var waits = 0
        while finished.load(ordering: .acquiring) < count {
            waits += 1
            if waits % 1024 == 0 { sched_yield() } else { pauseWhileWaiting() }
        }
    }
}
