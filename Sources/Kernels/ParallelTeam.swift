import CPUSupport
import Dispatch
import Synchronization

/// Threads of Dispatch that help with one parallel-for after the other.
///
/// A training step is a few hundred parallel-fors with hardly a pause between. `DispatchQueue.concurrentPerform` lets its
/// threads sleep at the end of each and wakes them for the next: through the kernel, 15 % of a step of the small preset.
/// Here a helper stays awake for a moment and looks for the next job; if none comes, it goes back to Dispatch.
/// A parallel-for waits for no helper to arrive: the thread that asks does whatever the helpers do not. Nothing is counted by
/// reference by all of them; two threads that count the same reference cost each other more than a small job takes.
final class ParallelTeam: Sendable {
    static let shared = ParallelTeam()

    /// How often a helper looks for work before it goes: about a tenth of a millisecond.
    private static let patience = 4000

    /// The job in one word: how many indices it has, how many were taken from its end, how many from its beginning. Adding
    /// one to a part takes an index, of whatever job is there at that moment, which then cannot end before it is done.
    ///
    /// Who asks goes up from the first index, helpers go down from the last. Rows of a matrix have their places in every
    /// job, so a core mostly meets the rows that it has just worked on and still has in its caches; and they meet where
    /// both are done.
    private nonisolated(unsafe) let ticket: UnsafeMutablePointer<Atomic<UInt64>>
    /// What to do with an index, in the ticket's cache line, so that who has seen the one has the other, too. There is a job
    /// only while somebody has taken the team, who writes it before the ticket.
    private nonisolated(unsafe) let job: UnsafeMutablePointer<Job>
    /// How many indices the helpers have done, of all jobs so far: to set it back for each would mean to fetch its line from
    /// the helper that has written it last.
    private let finished = SharedWord()
    /// Whether somebody's job is being worked on.
    private let isTaken = Atomic<Bool>(false)
    private let queue = DispatchQueue.global(qos: .userInitiated)
    /// Whoever has taken the team, and after it the helpers.
    private nonisolated(unsafe) let members = UnsafeMutablePointer<Member>.allocate(capacity: mostHelpers + 1)
    /// Where threads that work in step wait for each other.
    private let rendezvous = Rendezvous(mostThreads: mostHelpers + 1)
    /// The working memory of whoever has taken the team and of the helpers there have been, all of one size. Only for whoever
    /// has taken the team.
    private nonisolated(unsafe) var memories: [Buffer]

    /// The most helpers there can be.
    static let mostHelpers = 255

    /// What to do with an index, in the working memory of the thread that does it.
    typealias Body = (_ index: Int, _ memory: UnsafeMutablePointer<Float>) -> Void

    /// What a helper does: nothing, or it was called and has not come yet, or it works and looks for work, or it does so
    /// and will not leave, because somebody counts on it.
    private static let asleep: UInt64 = 0, called: UInt64 = 1, awake: UInt64 = 2, reserved: UInt64 = 3

    /// A program that several threads carry out in step, each with its share, given a number that differs from time to time.
    typealias Program = (_ share: Share, _ argument: Int) -> Void

    /// What is to be done with an index, or by the thread that takes it. It cannot be copied, so that no thread counts itself
    /// among the holders of the closure.
    private struct Job: ~Copyable {
        private let body: Body?
        private let program: Program?
        private let argument: Int
        /// How many threads carry out the program, and how often they had met before.
        private let threads: Int, visits: UInt64

        init(_ body: @escaping Body) { (self.body, program, argument, threads, visits) = (body, nil, 0, 0, 0) }

        init(_ program: @escaping Program, _ argument: Int, threads: Int, after visits: UInt64) {
            (self.program, self.argument, self.threads, self.visits) = (program, argument, threads, visits)
            body = nil
        }

        @inline(never)
        func work(on index: Int, in member: borrowing Member, _ rendezvous: Rendezvous) {
            body?(index, member.memory)
            program?(Share(number: index, count: threads, rendezvous, after: visits), argument)
        }
    }

    /// A thread of the team.
    private struct Member: ~Copyable {
        let state = SharedWord(asleep)
        /// Working memory, the same for every job, so that it stays in the caches of one core. Written only by whoever has
        /// taken the team, before the ticket; an address, because references that are counted where helpers read them cost
        /// more than a small job.
        var memory: UnsafeMutablePointer<Float>
    }

    private init() {
        let line = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
        ticket = line.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
        ticket.initialize(to: Atomic(0))
        job = (line + MemoryLayout<Atomic<UInt64>>.stride).bindMemory(to: Job.self, capacity: 1)
        let nothing = Buffer(uninitialized: 0)
        memories = [nothing]
        for number in 0...Self.mostHelpers { (members + number).initialize(to: Member(memory: nothing.pointer)) }
    }

    /// Calls `body` with every index below `count`, and wakes helpers until so many are awake; does all itself while another
    /// thread has them.
    ///
    /// - Parameters:
    ///   - count: How many indices there are.
    ///   - helpers: How many threads are to help, from 1 to ``mostHelpers``.
    ///   - scratch: How many floats of working memory each of them needs.
    ///   - body: What to do with an index.
    func run(_ count: Int, helpers: Int, scratch: Int, _ body: @escaping Body) {
        require(count <= Self.mostIndices, "\(count) pieces of work at once; \(Self.mostIndices) is the most")
        guard take() else {
            return Buffer.withScratch(scratch) { memory in
                for index in 0..<count { body(index, memory) }
            }
        }
        giveMemory(scratch, to: helpers + 1)
        for number in 1...helpers { wake(number) }
        share(count, Job(body))
        isTaken.store(false, ordering: .releasing)
    }

    /// Carries out a program on several threads at the same time: the one that asks and those of `helpers` others that are
    /// awake. Those that are not are woken for the next time.
    func together(helpers: Int, _ argument: Int, _ program: @escaping Program) {
        guard rendezvous.isAdvisable, take() else { return program(Share(), argument) }
        giveMemory(0, to: helpers + 1)
        var count = 1
        for number in 1...helpers {
            if change(number, from: Self.awake, to: Self.reserved) { count += 1 } else { wake(number) }
        }
        share(count, Job(program, argument, threads: count, after: rendezvous.visits))
        for number in 1...helpers { _ = change(number, from: Self.reserved, to: Self.awake) }
        isTaken.store(false, ordering: .releasing)
    }

    /// Overwrites the working memory of all threads, so that who reads it before writing is found out.
    func overwriteMemory(with value: Float) {
        guard take() else { return }
        for memory in memories { memory.pointer.update(repeating: value, count: memory.count) }
        isTaken.store(false, ordering: .releasing)
    }

    /// Sees to it that so many threads have so much working memory, and so have helpers from earlier, who may still be awake.
    /// Only for whoever has taken the team.
    private func giveMemory(_ count: Int, to threads: Int) {
        guard count > memories[0].count || threads > memories.count else { return }
        let count = max(count, memories[0].count)
        memories = (0..<max(threads, memories.count)).map { _ in Buffer(uninitialized: count) }
        for (number, memory) in memories.enumerated() { members[number].memory = memory.pointer }
    }

    /// Makes the team this thread's own, unless it is another's.
    private func take() -> Bool {
        isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    /// Hands out the indices of a job and returns when all are done. Only for whoever has taken the team.
    private func share(_ count: Int, _ job: consuming Job) {
        self.job.initialize(to: job)
        defer { self.job.deinitialize(count: 1) }
        let before = finished.word.load(ordering: .relaxed)
        // The first index is this thread's: so it does not begin by taking the line back from those who look at it.
        ticket.pointee.store(UInt64(count) << Self.countShift | 1, ordering: .releasing)
        self.job.pointee.work(on: 0, in: members[0], rendezvous)
        finished.wait(until: before + UInt64(count - 1 - work(as: 0)))
    }

    /// The most indices a job can have. Each thread may add one too many to a part, for which there is room.
    static let mostIndices = 1 << 20
    private static let backShift: UInt64 = 21
    private static let countShift: UInt64 = 42
    private static let mask: UInt64 = (1 << 21) - 1

    /// Takes indices until there are none left, and tells how many it has done.
    private func work(as number: Int) -> Int {
        let isHelper = number > 0
        let one: UInt64 = isHelper ? 1 << Self.backShift : 1
        var done = 0
        while Self.hasIndices(ticket.pointee.load(ordering: .relaxed)) {
            let taken = ticket.pointee.wrappingAdd(one, ordering: .acquiringAndReleasing).oldValue
            guard Self.hasIndices(taken) else { break }
            let fromBack = Int((taken >> Self.backShift) & Self.mask)
            let index = isHelper ? Int(taken >> Self.countShift) - 1 - fromBack : Int(taken & Self.mask)
            job.pointee.work(on: index, in: members[number], rendezvous)
            done += 1
        }
        return done
    }

    /// Whether indices are left to hand out.
    private static func hasIndices(_ ticket: UInt64) -> Bool {
        (ticket & mask) + ((ticket >> backShift) & mask) < ticket >> countShift
    }

    private func wake(_ number: Int) {
        guard members[number].state.word.load(ordering: .relaxed) == Self.asleep else { return }
        members[number].state.word.store(Self.called, ordering: .relaxed)
        queue.async { [self] in helpUntilIdle(number) }
    }

    private func helpUntilIdle(_ number: Int) {
        members[number].state.word.store(Self.awake, ordering: .releasing)
        var looks = 0
        while looks < Self.patience || !change(number, from: Self.awake, to: Self.asleep) {
            let done = work(as: number)
            if done > 0 {
                finished.word.wrappingAdd(UInt64(done), ordering: .releasing)
                looks = 0
            } else {
                looks += 1
                pauseWhileWaiting()
            }
        }
    }

    private func change(_ number: Int, from old: UInt64, to new: UInt64) -> Bool {
        members[number].state.word.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing)
            .exchanged
    }
}
