import CPUSupport

/// The most multiply-adds that this CPU can do, measured: what ``Matmul`` is held against.
package enum PeakSpeed {
    /// Steps along the depth of the product that is repeated: both operands stay in the first-level cache.
    private static let depth = 128

    /// Forms the same small block of a product again and again, on all threads.
    ///
    /// - Parameter repetitions: How often.
    /// - Returns: The floating-point operations that were done, two for each multiply-add.
    package static func exercise(repetitions: Int) -> Double {
        let operands = Buffer(repeating: 1e-3, count: depth * (tileRows + tileColumns))
        Parallel.forEach(Parallel.threads, scratch: tileRows * tileColumns) { _, sums in
            for _ in 0..<repetitions { multiplyInCache(operands.pointer, into: sums) }
        }
        return 2 * Double(Parallel.threads * repetitions * depth * tileRows * tileColumns)
    }

    @inline(never)
    private static func multiplyInCache(_ operands: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>) {
        multiplyTile(
            rows: tileRows, depth: depth, a: operands, rowStride: 1, depthStride: tileRows,
            b: operands + depth * tileRows, depthStride: tileColumns,
            into: sums, rowStride: tileColumns)
    }
}
