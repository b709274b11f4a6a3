import CPUSupport
import Dispatch
import Synchronization

/// The worker threads behind ``Parallel``, which stay awake between jobs.
///
/// A training step of the `cpu` preset is 134 parallel-fors (141 of the modern architecture) with hardly a pause between them.
/// `DispatchQueue.concurrentPerform` puts its threads to sleep after each and wakes them for the next, which took 15 % of the
/// step. Here a worker, a block on a Dispatch queue, polls for the next job for a tenth of a millisecond and then returns to
/// Dispatch.
///
/// **Protocol.** One job at a time. The *owner* is the thread that set `isOwned`; a thread that finds it set runs its job
/// alone. A job is a number of indices, handed out by the *ticket*, one atomic word:
///
///     bits  0..20   indices taken from the front, by the owner
///     bits 21..41   indices taken from the back, by the workers
///     bits 42..63   indices of the job
///
/// Adding one to the first field or the second takes an index. A taker that reads front + back >= count has taken nothing; each
/// thread overshoots at most once per job, in its own field, which has room for that (at most 2^20 indices, 256 threads). The
/// owner goes up from the first index and workers go down from the last, so a core mostly meets the rows that it has just
/// worked on in the job before.
///
/// | memory | written by | when | published by | seen by |
/// |---|---|---|---|---|
/// | `job`, workspace addresses | owner | before the ticket's store | that store, releasing | taking an index, acquiring |
/// | results of an index | taker | during the index | worker's add to `finished`, releasing | owner's wait on `finished`, acquiring |
/// | `workspaces`, `job` of the next job | next owner | after `isOwned` | clearing `isOwned`, releasing | setting it, acquiring |
///
/// A job ends when `finished` has grown by the indices the owner did not do, so no worker can still read `job` then: it
/// reads it only after taking an index. `finished` is never reset, because that would fetch its line from the worker that
/// wrote it last.
///
/// States of a worker: *asleep* -> *called* (owner, which queues the block) -> *awake* (worker, polls) -> *asleep* (worker, after
/// polling in vain). For a parallel region, whose threads must all run at the same time, the owner reserves awake workers
/// (*awake* -> *reserved* -> *awake*): a reserved worker does not go to sleep. Since *awake* can change to either, both changes
/// from it are compare-exchanges, acquiring and releasing. A worker that is asleep has no thread, so `wake` needs no order of
/// its own: its load and store are relaxed, and queueing the block makes what the owner wrote before it visible to the block,
/// which begins with a releasing store of *awake*.
///
/// Nothing that several threads touch is reference-counted: two threads that count the same reference cost each other more
/// than a small job takes.
final class ThreadPool: Sendable {
    static let shared = ThreadPool()

    /// The most workers beside the owner.
    static let mostWorkers = 255

    /// What is done with an index; `workspace` belongs to the thread for as long as it works on the index.
    typealias Body = (_ index: Int, _ workspace: UnsafeMutablePointer<Float>) -> Void

    /// What every thread of a parallel region executes; `argument` differs from run to run.
    typealias RegionBody = (_ thread: RegionThread, _ argument: Int) -> Void

    /// What taking an index means. Noncopyable, so that no thread retains the closures.
    private enum Job: ~Copyable {
        /// A parallel-for: `body` of the index.
        case forEach(Body)
        /// A parallel region: the index is the thread's number. `arrivals` is the barrier's count at the start.
        case region(RegionBody, argument: Int, threads: Int, arrivals: UInt64)
    }

    /// A thread's own part of the pool; number 0 is the owner's.
    private struct Worker: ~Copyable {
        let state = PaddedAtomic(asleep)
        /// The same for every job, so that it stays in the caches of one core.
        var workspace: UnsafeMutablePointer<Float>
    }

    private static let asleep: UInt64 = 0, called: UInt64 = 1, awake: UInt64 = 2, reserved: UInt64 = 3
    /// Polls after which an idle worker returns to Dispatch: about a tenth of a millisecond.
    private static let spinLimit = 4000

    /// The ticket and, in the same cache line, the job: a worker that has fetched the one has the other.
    private nonisolated(unsafe) let ticket: UnsafeMutablePointer<Atomic<UInt64>>
    private nonisolated(unsafe) let job: UnsafeMutablePointer<Job>
    /// Indices done by workers, of all jobs so far.
    private let finished = PaddedAtomic()
    private let isOwned = Atomic<Bool>(false)
    private let queue = DispatchQueue.global(qos: .userInitiated)
    private nonisolated(unsafe) let workers = UnsafeMutablePointer<Worker>.allocate(capacity: mostWorkers + 1)
    private let barrier = SpinBarrier(mostThreads: mostWorkers + 1)
    /// The memory of the workers' workspaces, all of one size.
    private nonisolated(unsafe) var workspaces: [Buffer]

    /// A pool without workers; its memory is never freed, so that workers need no reference to it.
    init() {
        let line = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
        ticket = line.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
        ticket.initialize(to: Atomic(0))
        job = (line + MemoryLayout<Atomic<UInt64>>.stride).bindMemory(to: Job.self, capacity: 1)
        let nothing = Buffer(uninitialized: 0)
        workspaces = [nothing]
        for number in 0...Self.mostWorkers { (workers + number).initialize(to: Worker(workspace: nothing.pointer)) }
    }

    /// A parallel-for: calls `body` once with every index below `count`.
    ///
    /// The calling thread waits for no worker to wake up; it does what the workers do not.
    ///
    /// - Parameters:
    ///   - count: Indices, at most ``mostIndices``.
    ///   - workers: Workers to wake, from 1 to ``mostWorkers``.
    ///   - workspace: Floats that each thread needs.
    ///   - body: What to do with an index.
    func forEach(_ count: Int, workers: Int, workspace: Int, _ body: @escaping Body) {
        require(count <= Self.mostIndices, "a parallel-for of \(count) indices; \(Self.mostIndices) is the most")
        guard takeOwnership() else {
            return Buffer.withWorkspace(workspace) { memory in
                for index in 0..<count { body(index, memory) }
            }
        }
        reserveWorkspaces(workspace, threads: workers + 1)
        for number in 1...workers { wake(number) }
        perform(.forEach(body), count: count)
        releaseOwnership()
    }

    /// A parallel region: executes `body` on this thread and on those of `workers` others that are awake, all at the same
    /// time. Workers that are not are woken for the next region.
    ///
    /// - Returns: The threads that took part.
    func region(workers: Int, _ argument: Int, _ body: @escaping RegionBody) -> Int {
        guard barrier.allowsThreads, takeOwnership() else {
            body(RegionThread(), argument)
            return 1
        }
        reserveWorkspaces(0, threads: workers + 1)
        var threads = 1
        for number in 1...workers {
            if change(number, from: Self.awake, to: Self.reserved) { threads += 1 } else { wake(number) }
        }
        perform(.region(body, argument: argument, threads: threads, arrivals: barrier.arrivals), count: threads)
        for number in 1...workers { _ = change(number, from: Self.reserved, to: Self.awake) }
        releaseOwnership()
        return threads
    }

    /// Overwrites the workspaces, so that a test finds kernels that read them before writing.
    func overwriteWorkspaces(with value: Float) {
        guard takeOwnership() else { return }
        for workspace in workspaces { workspace.pointer.update(repeating: value, count: workspace.count) }
        releaseOwnership()
    }

    // MARK: The owner

    private func takeOwnership() -> Bool {
        isOwned.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    private func releaseOwnership() { isOwned.store(false, ordering: .releasing) }

    /// Enlarges the workspaces where needed, also those of workers of earlier jobs, which may still be awake.
    private func reserveWorkspaces(_ count: Int, threads: Int) {
        guard count > workspaces[0].count || threads > workspaces.count else { return }
        let count = max(count, workspaces[0].count)
        workspaces = (0..<max(threads, workspaces.count)).map { _ in Buffer(uninitialized: count) }
        for (number, workspace) in workspaces.enumerated() { workers[number].workspace = workspace.pointer }
    }

    /// Publishes a job, takes part in it, and returns when all of its indices are done.
    private func perform(_ job: consuming Job, count: Int) {
        self.job.initialize(to: job)
        defer { self.job.deinitialize(count: 1) }
        let before = finished.word.load(ordering: .relaxed)
        // The first index is the owner's from the start, so that it need not fetch the ticket's line back from the workers.
        ticket.pointee.store(UInt64(count) << Self.countShift | 1, ordering: .releasing)
        execute(0, as: 0)
        finished.wait(until: before + UInt64(count - 1 - takeIndices(as: 0)))
    }

    // MARK: The ticket

    /// The most indices of a job.
    static let mostIndices = 1 << 20
    private static let backShift: UInt64 = 21
    private static let countShift: UInt64 = 42
    private static let mask: UInt64 = (1 << 21) - 1

    /// Takes and executes indices until none is left.
    ///
    /// - Returns: How many this thread has executed.
    private func takeIndices(as number: Int) -> Int {
        let isWorker = number > 0
        let one: UInt64 = isWorker ? 1 << Self.backShift : 1
        var done = 0
        while Self.hasIndices(ticket.pointee.load(ordering: .relaxed)) {
            let taken = ticket.pointee.wrappingAdd(one, ordering: .acquiringAndReleasing).oldValue
            guard Self.hasIndices(taken) else { break }
            let fromBack = Int((taken >> Self.backShift) & Self.mask)
            execute(isWorker ? Int(taken >> Self.countShift) - 1 - fromBack : Int(taken & Self.mask), as: number)
            done += 1
        }
        return done
    }

    private static func hasIndices(_ ticket: UInt64) -> Bool {
        (ticket & mask) + ((ticket >> backShift) & mask) < ticket >> countShift
    }

    @inline(never)
    private func execute(_ index: Int, as number: Int) {
        switch job.pointee {
        case .forEach(let body): body(index, workers[number].workspace)
        case .region(let body, let argument, let threads, let arrivals):
            body(RegionThread(index, of: threads, barrier, after: arrivals), argument)
        }
    }

    // MARK: The workers

    private func wake(_ number: Int) {
        guard workers[number].state.word.load(ordering: .relaxed) == Self.asleep else { return }
        workers[number].state.word.store(Self.called, ordering: .relaxed)
        queue.async { [self] in workUntilIdle(number) }
    }

    private func workUntilIdle(_ number: Int) {
        workers[number].state.word.store(Self.awake, ordering: .releasing)
        var polls = 0
        while polls < Self.spinLimit || !change(number, from: Self.awake, to: Self.asleep) {
            let done = takeIndices(as: number)
            if done > 0 {
                finished.word.wrappingAdd(UInt64(done), ordering: .releasing)
                polls = 0
            } else {
                polls += 1
                pauseWhileWaiting()
            }
        }
    }

    private func change(_ number: Int, from old: UInt64, to new: UInt64) -> Bool {
        workers[number].state.word.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing)
            .exchanged
    }
}
