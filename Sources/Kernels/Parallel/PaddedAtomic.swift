import CPUSupport
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An atomic word padded on both sides, so that it has a cache line of 64 bytes to itself wherever it is allocated.
///
/// Without the padding a core that writes the word would also invalidate its neighbors in the other cores' caches
/// (false sharing).
struct PaddedAtomic: ~Copyable {
    private let before = InlineArray<7, UInt64>(repeating: 0)
    let word: Atomic<UInt64>
    private let after = InlineArray<8, UInt64>(repeating: 0)

    init(_ value: UInt64 = 0) { word = Atomic(value) }

    /// Polls after which the other thread must have been preempted: about a fifth of a millisecond.
    private static let spinLimit = 8000

    /// Spins until the word is at least `value`; what was written before that store is then visible (acquire).
    ///
    /// - Returns: Nanoseconds of delay by a thread that must have been preempted; 0 where the wait was short.
    @discardableResult
    func wait(until value: UInt64) -> UInt64 {
        var polls = 0
        var late: UInt64 = 0
        while word.load(ordering: .acquiring) < value {
            polls += 1
            if polls == Self.spinLimit { late = monotonicNow() }
            // A thread that was preempted in the middle of its work needs a core to finish it.
            if polls % 1024 == 0 { sched_yield() } else { pauseWhileWaiting() }
        }
        return late > 0 ? monotonicNow() - late : 0
    }
}

/// A monotonic clock, in nanoseconds.
func monotonicNow() -> UInt64 { DispatchTime.now().uptimeNanoseconds }
