/// The part that one of several threads has in work that they do in step: all of them carry out the same program, each on
/// ranges of its own, and wait for each other where one needs what another has made.
struct Share {
    /// Which of the threads this is, counting from 0.
    let number: Int
    /// How many threads there are.
    let count: Int

    /// This thread's part of so many indices.
    func range(of indices: Int) -> Range<Int> { indices * number / count..<indices * (number + 1) / count }

    /// Returns when all threads have come as far.
    func waitForOthers() {
        if count > 1 { ParallelTeam.shared.rendezvous.meet(number, of: count) }
    }
}
