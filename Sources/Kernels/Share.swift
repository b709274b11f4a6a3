/// The part that one of several threads has in work that they do in step: all of them carry out the same program, each on
/// ranges of its own, and wait for each other where one needs what another has made.
struct Share {
    /// Which of the threads this is, counting from 0.
    let number: Int
    /// How many threads there are.
    let count: Int
    /// Where they wait for each other, if there are others.
    private let rendezvous: Rendezvous?

    /// The part of a thread that meets the others at `rendezvous`.
    init(number: Int, count: Int, _ rendezvous: Rendezvous) {
        (self.number, self.count, self.rendezvous) = (number, count, rendezvous)
    }

    /// The part of a thread that works alone: everything.
    init() { (number, count, rendezvous) = (0, 1, nil) }

    /// This thread's part of so many indices.
    func range(of indices: Int) -> Range<Int> { indices * number / count..<indices * (number + 1) / count }

    /// Returns when all threads have come as far.
    func waitForOthers() {
        rendezvous?.meet(number, of: count)
    }
}
