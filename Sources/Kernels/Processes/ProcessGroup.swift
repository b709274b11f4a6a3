import Foundation

/// The processes that one `mpirun` has started, and what they tell each other. All calls come from one thread, in the same order
/// in every process.
package final class ProcessGroup: @unchecked Sendable {
    /// The number of this process, from 0.
    package var number: Int { mpi.number }
    /// The processes.
    package var count: Int { mpi.count }
    let mpi: MPI

    /// What a message is, by its tag; sums of buffers have the tags from ``firstFreeTag`` on.
    private enum Tag {
        static let announcement = 1, length = 2, contents = 3, buffer = 4
    }
    static let firstFreeTag = 16

    /// Joins the processes.
    ///
    /// - Throws: An error whose description is for the user.
    package init(_ launcher: MPILauncher) throws {
        do { mpi = try MPI(of: launcher) } catch {
            MPILauncher.endAllAtExit()
            throw error
        }
    }

    /// Leaves, when all processes do.
    package func leave() { _ = mpi.finalize() }

    /// Sends a number from the first process to all others.
    package func announce(_ value: Int) {
        var value = value
        withUnsafeMutableBytes(of: &value) { bytes in
            let requests = Requests(mpi)
            for other in 1..<count { requests.send(bytes.baseAddress!, bytes.count, to: other, Tag.announcement) }
            requests.wait()
        }
    }

    /// Waits for a number from the first process. Asleep most of the time: it may be busy for long, with a sample or a checkpoint.
    package func awaitAnnouncement() -> Int {
        var value = 0
        withUnsafeMutableBytes(of: &value) { bytes in
            let request = Requests(mpi)
            request.receive(bytes.baseAddress!, bytes.count, from: 0, Tag.announcement)
            var polls = 0
            while !request.test() {
                polls += 1
                if polls > Self.pollsBeforeSleep { usleep(50) }
            }
        }
        return value
    }

    /// Polls before an idle process sleeps between two of them: some hundred microseconds, as long as is common between steps.
    private static let pollsBeforeSleep = 2000

    /// Every process gives some bytes and gets those of all, in the order of the processes.
    package func gather(_ own: [UInt8]) -> [[UInt8]] {
        let size = MemoryLayout<Int>.size
        let lengths = exchange(
            withUnsafeBytes(of: own.count) { Array($0) }, sizes: .init(repeating: size, count: count), Tag.length)
        return exchange(
            own, sizes: lengths.map { $0.withUnsafeBytes { $0.loadUnaligned(as: Int.self) } }, Tag.contents)
    }

    private func exchange(_ own: [UInt8], sizes: [Int], _ tag: Int) -> [[UInt8]] {
        let requests = Requests(mpi)
        let received = sizes.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: 1) }
        defer { received.forEach { $0.deallocate() } }
        for other in others { requests.receive(received[other].baseAddress, sizes[other], from: other, tag) }
        own.withUnsafeBytes { bytes in
            for other in others { requests.send(bytes.baseAddress, bytes.count, to: other, tag) }
            requests.wait()
        }
        return (0..<count).map { $0 == number ? own : Array(received[$0]) }
    }

    /// Overwrites a buffer with that of the first process.
    package func broadcast(_ buffer: Buffer) {
        let requests = Requests(mpi)
        let size = buffer.count * MemoryLayout<Float>.size
        if number == 0 {
            for other in others { requests.send(buffer.pointer, size, to: other, Tag.buffer) }
        } else {
            requests.receive(buffer.pointer, size, from: 0, Tag.buffer)
        }
        requests.wait()
    }

    /// All processes but this one; first the next one, so that not all begin with the same.
    var others: [Int] { (1..<count).map { (number + $0) % count } }

    /// A process's part of some things, which come in their order: as many for each as can be.
    package func part(_ process: Int, of things: Int) -> Range<Int> {
        process * things / count..<(process + 1) * things / count
    }
}
