import CPUSupport

/// The sum of a buffer of each share of a batch, formed by all processes together and the same on each.
///
/// Every process has some of the shares. It sums a piece of the buffer, of all shares in their order, and sends it to the
/// others (reduce-scatter and all-gather): what it sends and receives does not grow with the number of processes, and bits do
/// not depend on it, which they do where MPI sums.
package final class BufferSum {
    private let group: ProcessGroup
    private let result: Buffer
    /// The piece of each process.
    private let pieces: [Range<Int>]
    /// What is summed, of each share: the whole buffer of one of this process's own, and this process's piece of another.
    private var parts: [Buffer?]
    /// Shares of this process that are still to come.
    private var left: Int
    /// The pieces to sum from other processes; all other messages.
    private let incoming: Requests, messages: Requests
    private let firstTag: Int
    private var isSummed = false

    /// Floats of a buffer that are not worth a message to each process: one sums the whole of it.
    private static let smallest = 1024

    /// A sum to which each share of this process is still to be added.
    ///
    /// - Parameters:
    ///   - count: Floats of each buffer.
    ///   - number: The sum's number among those that are formed at the same time.
    ///   - shares: Shares in all, at least as many as processes.
    ///   - group: The processes.
    package init(of count: Int, number: Int, shares: Int, among group: ProcessGroup) {
        require(shares >= group.count, "\(shares) shares for \(group.count) processes")
        self.group = group
        firstTag = ProcessGroup.firstFreeTag + number * (shares + 1)
        let lines = count / Self.line
        pieces = (0..<group.count).map { process in
            guard count >= Self.smallest * group.count else {
                return process == number % group.count ? 0..<count : 0..<0
            }
            let part = group.part(process, of: lines)
            return part.lowerBound * Self.line..<(process == group.count - 1 ? count : part.upperBound * Self.line)
        }
        result = Buffer(uninitialized: count)
        parts = [Buffer?](repeating: nil, count: shares)
        left = group.part(group.number, of: shares).count
        incoming = Requests(group.mpi)
        messages = Requests(group.mpi)
        receive()
    }

    /// Floats of a cache line.
    private static let line = 16

    private var piece: Range<Int> { pieces[group.number] }

    /// Everything is expected before anything can come, so that the library need not keep it.
    private func receive() {
        let size = MemoryLayout<Float>.size
        for other in group.others {
            for share in group.part(other, of: parts.count) where !piece.isEmpty {
                let part = Buffer(uninitialized: piece.count)
                parts[share] = part
                incoming.receive(part.pointer, size * part.count, from: other, firstTag + share)
            }
            let sum = pieces[other]
            guard !sum.isEmpty else { continue }
            messages.receive(result.pointer + sum.lowerBound, size * sum.count, from: other, firstTag + parts.count)
        }
    }

    /// Adds the buffer of a share of this process, which is only read from now on.
    package func add(_ buffer: Buffer, of share: Int) {
        require(
            buffer.count == result.count && left > 0 && parts[share] == nil,
            "\(buffer.count) floats of share \(share) in a sum of \(result.count)")
        parts[share] = buffer
        left -= 1
        for other in group.others where !pieces[other].isEmpty {
            send(buffer, pieces[other], to: other, firstTag + share)
        }
    }

    private func send(_ buffer: Buffer, _ range: Range<Int>, to other: Int, _ tag: Int) {
        messages.send(buffer.pointer + range.lowerBound, MemoryLayout<Float>.size * range.count, to: other, tag)
    }

    /// Lets messages move on, and sums what has come from all.
    package func advance() {
        if left == 0, !isSummed, incoming.test() { sum() }
    }

    /// Waits for the pieces of the other processes, and sums them.
    package func waitForParts() {
        require(left == 0, "a sum in which \(left) shares are missing")
        guard !isSummed else { return }
        incoming.wait()
        sum()
    }

    /// The sum of all shares, after ``waitForParts()``.
    package func finish() -> Buffer {
        messages.wait()
        return result
    }

    private func sum() {
        isSummed = true
        guard !piece.isEmpty else { return }
        let own = group.part(group.number, of: parts.count)
        let sources = parts.enumerated().map { share, part in
            UnsafePointer(part!.pointer + (own.contains(share) ? piece.lowerBound : 0))
        }
        let target = result.pointer + piece.lowerBound
        Parallel.forEachRange(piece.count, grain: 4096) { range in
            for (number, source) in sources.enumerated().dropFirst() {
                let sum = UnsafePointer(number == 1 ? sources[0] : UnsafePointer(target)) + range.lowerBound
                forEachVector(range.count) { index, lanes in
                    (Vector(at: sum + index, lanes: lanes) + Vector(at: source + range.lowerBound + index, lanes: lanes))
                        .store(to: target + range.lowerBound + index, lanes: lanes)
                }
            }
        }
        for other in group.others { send(result, piece, to: other, firstTag + parts.count) }
    }
}

extension Buffer {
    /// Mixes the bits of all floats into a hash (FNV-1a, by words), by which copies on several machines are compared.
    package func hash(into hash: inout UInt64) {
        for index in 0..<count { hash = (hash ^ UInt64(pointer[index].bitPattern)) &* 0x100_0000_01b3 }
    }
}
