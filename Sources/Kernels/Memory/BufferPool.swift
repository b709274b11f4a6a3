import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A pool of memory blocks that are reused from step to step.
///
/// The first write to a page of new memory (a page fault) costs more than the arithmetic done in the page. A training step
/// allocates the same sizes in the same order every time, so from the second step on all come from the blocks that the first one
/// returned.
package final class BufferPool: Sendable {
    /// The pool that all buffers come from.
    package static let shared = BufferPool()

    /// The system's allocations since the start of the process.
    package struct Statistics: Equatable, Sendable {
        /// Blocks.
        package var allocations = 0
        /// Bytes in all blocks.
        package var bytes = 0
    }

    /// An unused block; only the pool has its address, which makes it safe to send.
    private struct Block: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<Float>
    }

    private struct State {
        var free: [Int: [Block]] = [:]
        var statistics = Statistics()
    }

    /// A POSIX mutex, which the thread sanitizer knows; it does not see the standard library's `Mutex`.
    private let lock = NSLock()
    private nonisolated(unsafe) var state = State()

    /// Called with the size of an allocation that the system refused, in bytes; ends the process. A program can replace it by a
    /// better message than that of a crash, before it computes.
    package nonisolated(unsafe) static var exhausted: @Sendable (_ bytes: Int) -> Never = { bytes in
        fatalError("out of memory: the system has no further \(bytes) bytes")
    }

    /// The alignment of every block in bytes: a cache line, and the widest vector register.
    private static let alignment = 64

    /// The system's allocations so far.
    package var statistics: Statistics { lock.withLock { state.statistics } }

    /// Overwrites the unused blocks; see ``Parallel/overwriteUnusedMemory(with:)``.
    func overwriteUnused(with value: Float) {
        lock.withLock {
            for (capacity, blocks) in state.free {
                for block in blocks { block.pointer.update(repeating: value, count: capacity) }
            }
        }
    }

    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        let capacity = Self.capacity(for: count)
        let bytes = capacity * MemoryLayout<Float>.stride
        let block: Block? = lock.withLock {
            if let block = state.free[capacity]?.popLast() { return block }
            state.statistics.allocations += 1
            state.statistics.bytes += bytes
            if let block = Self.allocate(bytes) { return block }
            freeUnused()
            return Self.allocate(bytes)
        }
        guard let block else { Self.exhausted(bytes) }
        return block.pointer
    }

    private static func allocate(_ bytes: Int) -> Block? {
        var pointer: UnsafeMutableRawPointer?
        guard posix_memalign(&pointer, alignment, bytes) == 0, let pointer else { return nil }
        return Block(pointer: pointer.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride))
    }

    /// Returns all unused blocks to the system.
    private func freeUnused() {
        for block in state.free.values.joined() { free(block.pointer) }
        state.free = [:]
    }

    func putBack(_ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
        let block = Block(pointer: pointer)
        lock.withLock { state.free[Self.capacity(for: count), default: []].append(block) }
    }

    /// Sizes are rounded up to a sixteenth of their power of two, so that sizes that grow one by one (a text being
    /// sampled) share blocks, and no more than a sixteenth is wasted.
    private static func capacity(for count: Int) -> Int {
        let least = 16
        guard count > least else { return least }
        let step = max(least, 1 << (Int.bitWidth - count.leadingZeroBitCount - 5))
        return (count + step - 1) / step * step
    }
}
