/// A thread of a parallel region: all threads execute the same code, each on index ranges of its own, with a
/// barrier where one needs what another has computed.
struct RegionThread {
    /// This thread's number, from 0.
    let number: Int
    /// Threads in the region.
    let count: Int
    private let spinBarrier: SpinBarrier?
    private let arrivals: UInt64

    /// One of `count` threads, in a region that begins after `arrivals` arrivals at the barrier.
    init(_ number: Int, of count: Int, _ barrier: SpinBarrier, after arrivals: UInt64) {
        (self.number, self.count, self.spinBarrier, self.arrivals) = (number, count, barrier, arrivals)
    }

    /// The only thread of a region.
    init() { (number, count, spinBarrier, arrivals) = (0, 1, nil, 0) }

    /// This thread's share of `0..<indices`.
    func range(of indices: Int) -> Range<Int> { range(of: indices, among: count) }

    /// This thread's share of `0..<indices` when only the first `threads` threads have one.
    func range(of indices: Int, among threads: Int) -> Range<Int> {
        let threads = min(threads, count)
        guard number < threads else { return 0..<0 }
        return indices * number / threads..<indices * (number + 1) / threads
    }

    /// Returns when all threads of the region have called it as often as this one.
    func barrier() { spinBarrier?.wait(number, of: count, after: arrivals) }
}
