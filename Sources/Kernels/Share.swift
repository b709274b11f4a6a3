/// The part that one of several threads has in work that they do in step: all of them carry out the same program, each on
/// ranges of its own, and wait for each other where one needs what another has made.
struct Share {
    /// Which of the threads this is, counting from 0.
    let number: Int
    /// How many threads there are.
    let count: Int
    /// Where they wait for each other, if there are others.
    private let rendezvous: Rendezvous?
    /// How often the first of them had been there when the work began.
    private let visits: UInt64

    /// The part of a thread that meets the others at `rendezvous`, in work that begins after so many visits.
    init(number: Int, count: Int, _ rendezvous: Rendezvous, after visits: UInt64) {
        (self.number, self.count, self.rendezvous, self.visits) = (number, count, rendezvous, visits)
    }

    /// The part of a thread that works alone: everything.
    init() { (number, count, rendezvous, visits) = (0, 1, nil, 0) }

    /// This thread's part of so many indices.
    func range(of indices: Int) -> Range<Int> { range(of: indices, among: count) }

    /// This thread's part of so many indices if only the first so many threads have one.
    func range(of indices: Int, among threads: Int) -> Range<Int> {
        let threads = min(threads, count)
        guard number < threads else { return 0..<0 }
        return indices * number / threads..<indices * (number + 1) / threads
    }

    /// Returns when all threads have come as far.
    func waitForOthers() {
        rendezvous?.meet(number, of: count, after: visits)
    }
}
