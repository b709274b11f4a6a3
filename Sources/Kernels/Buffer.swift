/// A block of floats in memory, aligned to a cache line, taken from the ``BufferPool`` and given back to it by the last
/// owner.
///
/// Who holds a buffer holds its contents: kernels write to a buffer before it is shared and only read it afterwards,
/// but for the optimiser, which owns its parameters. That discipline is what `@unchecked` stands for.
package final class Buffer: @unchecked Sendable {
    /// The first of the floats. Only kernels look through it.
    let pointer: UnsafeMutablePointer<Float>
    /// How many floats there are.
    package let count: Int

    /// A buffer with whatever the memory last held.
    package init(uninitialized count: Int) {
        require(count >= 0, "a buffer cannot hold \(count) floats")
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

    deinit { BufferPool.shared.giveBack(pointer, count) }

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

    /// How many floats to leave for `count` that one thread works on if what comes next is another's: whole cache lines, and a
    /// page more. A core that reads on and on fetches what comes next, as far as the page goes, before it is asked to, and
    /// so takes it away from the core that writes it.
    static func apart(_ count: Int) -> Int {
        let (line, page) = (16, 1024)
        return (count + line - 1) / line * line + page
    }

    /// Calls `body` with working memory that goes back to the pool afterwards.
    static func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let buffer = Buffer(uninitialized: count)
        withExtendedLifetime(buffer) { body(buffer.pointer) }
    }
}
