import CPUSupport

/// The FMA peak: the most multiply-adds per second that this CPU can do, measured with operands in the first-level cache.
package enum PeakSpeed {
    /// The depth of the repeated product.
    private static let depth = 128

    /// Computes the same register tile `repetitions` times on every thread.
    ///
    /// - Parameter repetitions: Times that each thread computes the tile, not negative.
    /// - Returns: The floating-point operations done by all threads, two for each multiply-add.
    package static func exercise(repetitions: Int) -> Double {
        require(repetitions >= 0, "a register tile computed \(repetitions) times")
        let operands = Buffer(repeating: 1e-3, count: depth * (tileRows + tileColumns))
        Parallel.forEach(Parallel.threads, workspace: tileRows * tileColumns) { _, tile in
            for _ in 0..<repetitions { multiplyInCache(operands.pointer, into: tile) }
        }
        return 2 * Double(Parallel.threads * repetitions * depth * tileRows * tileColumns)
    }

    @inline(never)
    private static func multiplyInCache(_ operands: UnsafePointer<Float>, into tile: UnsafeMutablePointer<Float>) {
        microkernel(
            rows: tileRows, depth: depth, a: operands, rowStride: 1, depthStride: tileRows,
            b: operands + depth * tileRows, depthStride: tileColumns,
            into: tile, rowStride: tileColumns)
    }
}
