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

    /// Calls `body` with a workspace of `count` floats, which returns to the pool afterwards.
    static func withWorkspace(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let buffer = Buffer(uninitialized: count)
        withExtendedLifetime(buffer) { body(buffer.pointer) }
    }
}
