import CPUSupport
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A word that several threads write and read, in a cache line of 64 bytes of its own wherever it is put: a core that writes
/// it does not take away from another what happens to be beside it.
struct SharedWord: ~Copyable {
    private let before = InlineArray<7, UInt64>(repeating: 0)
    let word: Atomic<UInt64>
    private let after = InlineArray<8, UInt64>(repeating: 0)

    init(_ value: UInt64 = 0) { word = Atomic(value) }

    /// How often a thread looks before another must have lost its core: about a fifth of a millisecond.
    private static let patience = 8000

    /// Looks until the word has become as large as `value`.
    ///
    /// - Returns: For how many nanoseconds another thread, which must have lost its core, has delayed this one.
    @discardableResult
    func wait(until value: UInt64) -> UInt64 {
        var looks = 0
        var late: UInt64 = 0
        while word.load(ordering: .acquiring) < value {
            looks += 1
            if looks == Self.patience { late = Self.now }
            // Who has lost its core in the middle of its work needs one to finish.
            if looks % 1024 == 0 { sched_yield() } else { pauseWhileWaiting() }
        }
        return late > 0 ? Self.now - late : 0
    }

    /// The time in nanoseconds.
    static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }
}
