/// Messages on their way (nonblocking sends and receives). Their memory must stay until they are complete.
final class Requests {
    private let mpi: MPI
    private let memory: MPI.Memory
    private let capacity: Int
    private var count = 0

    /// Room for some messages.
    init(_ mpi: MPI, capacity: Int) {
        (self.mpi, self.capacity) = (mpi, capacity)
        memory = .allocate(byteCount: max(1, capacity) * mpi.requestSize, alignment: 8)
    }

    deinit { memory.deallocate() }

    /// Begins to send bytes to a process.
    func send(_ bytes: UnsafeRawPointer?, _ size: Int, to other: Int, _ tag: Int) {
        transfer(mpi.send, bytes, size, other, tag)
    }

    /// Begins to receive bytes from a process, as many as it sends with this tag.
    func receive(_ bytes: UnsafeMutableRawPointer?, _ size: Int, from other: Int, _ tag: Int) {
        transfer(mpi.receive, bytes, size, other, tag)
    }

    private func transfer(
        _ function: MPI.Transfer, _ bytes: UnsafeRawPointer?, _ size: Int, _ other: Int, _ tag: Int
    ) {
        require(count < capacity && size <= Int32.max, "message \(count) of \(capacity), of \(size) bytes")
        // An error ends all processes before the call returns.
        _ = function(
            bytes, Int32(size), mpi.byte, Int32(other), Int32(tag), mpi.world, memory + count * mpi.requestSize)
        count += 1
    }

    /// Whether all messages begun are complete. Messages move on while it is asked.
    func test() -> Bool {
        var areComplete: Int32 = 0
        _ = mpi.testAll(Int32(count), memory, &areComplete, mpi.noStatuses)
        return areComplete != 0
    }

    /// Waits until all messages begun are complete.
    func wait() { _ = mpi.waitAll(Int32(count), memory, mpi.noStatuses) }
}
