/// Messages on their way (nonblocking sends and receives). Their memory must stay until they are complete.
final class Requests {
    private let mpi: MPI
    /// The requests one after the other, in the library's own form.
    private var memory: MPI.Memory
    private var capacity = 8
    private var count = 0

    /// No messages yet.
    init(_ mpi: MPI) {
        self.mpi = mpi
        memory = .allocate(byteCount: capacity * mpi.requestSize, alignment: 8)
    }

    deinit { memory.deallocate() }

    /// The most bytes of a message: MPI counts in 32 bits. What is longer travels in pieces, which arrive in their order.
    private static let longest = 1 << 30

    /// The messages that so many bytes travel in: at least one, which may be empty.
    static func pieces(of size: Int) -> [Range<Int>] {
        stride(from: 0, to: max(1, size), by: longest).map { $0..<min(size, $0 + longest) }
    }

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
        for piece in Self.pieces(of: size) {
            if count == capacity { grow() }
            // An error ends all processes before the call returns.
            _ = function(
                bytes.map { $0 + piece.lowerBound }, Int32(piece.count), mpi.byte, Int32(other), Int32(tag), mpi.world,
                memory + count * mpi.requestSize)
            count += 1
        }
    }

    /// Makes room for as many messages again. A request is a handle, which may be copied.
    private func grow() {
        let larger = MPI.Memory.allocate(byteCount: 2 * capacity * mpi.requestSize, alignment: 8)
        larger.copyMemory(from: memory, byteCount: count * mpi.requestSize)
        memory.deallocate()
        (memory, capacity) = (larger, 2 * capacity)
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
