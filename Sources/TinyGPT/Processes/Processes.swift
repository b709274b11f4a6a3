import Autograd
import Foundation
import Kernels
import Layers
import Synchronization

/// The processes that train a model together, started by `mpirun` on one machine or several; usually only this one.
///
/// The first process leads: it alone reads options and checkpoints, writes and prints. It says what is to be done next
/// (`Task`), and the others, which have nothing but a copy of the model and the text, do their part of it.
public final class Processes: Sendable {
    /// This process alone.
    public static let one = Processes(nil)

    /// What all processes do together.
    package enum Task: Int {
        /// Compare texts, settings and builds before anything is begun.
        case compare
        /// Take over the weights and the optimizer's state from the first process.
        case copy
        /// Make a step.
        case step
        /// Measure the loss on the validation text.
        case validate
        /// Leave.
        case end
    }

    /// How many there are.
    public let count: Int
    /// The number of this one, from 0.
    public let number: Int
    /// Whether this is the first one, which leads, writes and prints.
    public var isFirst: Bool { number == 0 }
    /// Those started together; nil for one alone.
    let group: ProcessGroup?
    private let stops = Atomic<Bool>(false)

    private init(_ group: ProcessGroup?) {
        self.group = group
        (count, number) = (group?.count ?? 1, group?.number ?? 0)
    }

    /// The processes that this one was started with; itself alone where it was not started by `mpirun`, and then no MPI library
    /// is looked for. Called once.
    ///
    /// - Throws: ``TinyGPTError/cannotJoinProcesses(number:host:reason:)``.
    package static func join() throws -> Processes {
        guard let launcher = MPILauncher(), launcher.count != 1 else { return one }
        do {
            let group = try ProcessGroup(launcher)
            if group.count > 1 { return Processes(group) }
            group.leave()
            return one
        } catch {
            throw TinyGPTError.cannotJoinProcesses(
                number: launcher.number ?? 0, host: ProcessInfo.processInfo.hostName, reason: "\(error)")
        }
    }

    /// The threads for each process where none were asked for: the cores that the system lets it use, shared by the processes
    /// of this computer.
    package static var threadsOfEach: Int {
        max(1, Parallel.processors / (MPILauncher()?.localCount ?? 1))
    }

    /// Leads the others: calls `body`, and dismisses them however it ends.
    ///
    /// - Precondition: This is the first process.
    package func lead(_ body: () throws -> Void) rethrows {
        defer {
            announce(.end)
            group?.leave()
        }
        try body()
    }

    /// Does this process's part of what the first one announces, until that dismisses it.
    ///
    /// - Precondition: This is not the first process.
    package func follow(_ body: (Task) -> Void) {
        while let task = group.map({ Task(rawValue: $0.awaitAnnouncement())! }), task != .end { body(task) }
        group?.leave()
    }

    /// Has the other processes do their part of a task that this one is about to do, if it is the first.
    package func announce(_ task: Task) {
        if isFirst { group?.announce(task.rawValue) }
    }

    /// This process's part of things that are shared out in their order.
    package func part(of things: Int) -> Range<Int> { group?.part(number, of: things) ?? 0..<things }

    /// Whether one of the processes was asked to stop, which all know after the next ``gather(_:)``.
    package var isAskedToStop: Bool { stops.load(ordering: .relaxed) }

    /// Asks all processes to stop, of which the first does what is needed for that.
    package func askToStop() { stops.store(true, ordering: .relaxed) }

    /// What every process says, in their order.
    package func gather<Value: BitwiseCopyable>(_ own: [Value]) -> [[Value]] {
        guard let group else { return [own] }
        let all = group.gather([isAskedToStop ? 1 : 0] + own.withUnsafeBytes { Array($0) })
        if all.contains(where: { $0[0] == 1 }) { askToStop() }
        return all.map { bytes in
            bytes.withUnsafeBytes { bytes in
                stride(from: 1, to: bytes.count, by: MemoryLayout<Value>.stride).map {
                    bytes.loadUnaligned(fromByteOffset: $0, as: Value.self)
                }
            }
        }
    }

    /// What every process says, in their order.
    package func gather(_ own: String) -> [String] {
        gather(Array(own.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Overwrites tensors with those of the first process, one after the other.
    package func copy(_ tensors: [Tensor]) {
        guard let group else { return }
        for tensor in tensors { group.broadcast(tensor.buffer) }
    }

    /// Whether tensors have the same bits on all processes.
    package func areEqual(_ tensors: [Tensor]) -> Bool {
        guard count > 1 else { return true }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for tensor in tensors { tensor.buffer.hash(into: &hash) }
        return Set(gather([hash]).joined()).count == 1
    }
}
