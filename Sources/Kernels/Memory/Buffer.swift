/// A block of floats in memory, aligned to a cache line; it comes from the ``BufferPool`` and returns to it with the last
/// reference.
///
/// Kernels write to a buffer before it is shared and only read it afterwards; the exception is the optimizer, which
/// updates parameters in place between steps. That discipline is what `@unchecked` stands for.
package final class Buffer: @unchecked Sendable {
    /// The first float. Only kernels read and write through it.
    let pointer: UnsafeMutablePointer<Float>
    /// Floats in the buffer.
    package let count: Int

    /// A buffer of unspecified contents, for a kernel to overwrite.
    package init(uninitialized count: Int) {
        require(count >= 0, "the size of a buffer must not be negative, got \(count)")
        self.count = count
        pointer = BufferPool.shared.take(count)
    }

    /// A buffer in which every float is `value`.
    package convenience init(repeating value: Float, count: Int) {
        self.init(uninitialized: count)
        pointer.update(repeating: value, count: count)
    }

    /// A buffer with the floats of an array.
    package convenience init(_ values: [Float]) {
        self.init(uninitialized: values.count)
        values.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { pointer.update(from: start, count: source.count) }
        }
    }

    deinit { BufferPool.shared.putBack(pointer, count) }

    /// The floats, copied into an array.
    package var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// Overwrites an array with as many of the floats, from `offset` on.
    package func copy(from offset: Int, into values: inout [Float]) {
        require(
            offset >= 0 && offset + values.count <= count,
            "\(values.count) floats from \(offset) on of a buffer of \(count)")
        values.withUnsafeMutableBufferPointer { target in
            target.baseAddress?.update(from: pointer + offset, count: target.count)
        }
    }

    /// Overwrites the floats with those of an array of the same length.
    package func replace(with values: [Float]) {
        require(values.count == count, "expected \(count) floats, got \(values.count)")
        values.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { pointer.update(from: start, count: count) }
        }
    }

    /// One of the floats.
    package subscript(index: Int) -> Float {
        get {
            require(index >= 0 && index < count, "index \(index) of a buffer of \(count) floats")
            return pointer[index]
        }
        set {
            require(index >= 0 && index < count, "index \(index) of a buffer of \(count) floats")
            pointer[index] = newValue
        }
    }

    /// The floats to reserve for `count` that one thread writes when another thread's follow: whole cache lines and a page.
    ///
    /// The padding prevents false sharing, also by the hardware prefetcher, which runs ahead of sequential reads up to the
    /// end of a page and would take lines away from the core that writes them: a sixth of the decode step's time on cores
    /// that share no cache.
    static func padded(_ count: Int) -> Int {
        let (line, page) = (16, 1024)
        return (count + line - 1) / line * line + page
    }

    /// Calls `body` with a workspace of `count` floats, which returns to the pool afterwards.
    static func withWorkspace(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let buffer = Buffer(uninitialized: count)
        withExtendedLifetime(buffer) { body(buffer.pointer) }
    }
}

/// A bump allocator: consecutive places in a workspace, as offsets in floats.
///
/// The size of a workspace is the ``count`` of the same calls that lay it out, so size and layout cannot disagree.
struct WorkspaceLayout {
    /// Floats taken so far.
    private(set) var count = 0

    /// Reserves `count` floats and returns the offset of the first.
    mutating func take(_ count: Int) -> Int {
        defer { self.count += count }
        return self.count
    }

    /// Makes the floats from offset `count` on available again.
    mutating func release(to count: Int) { self.count = count }
}

extension UnsafeMutablePointer<Float> {
    /// An address that is never accessed, at which a workspace is laid out in order to count its floats.
    static var placeholder: UnsafeMutablePointer<Float> { UnsafeMutablePointer(bitPattern: 64)! }
}
