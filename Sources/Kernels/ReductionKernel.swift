import CPUSupport

/// Sums, each formed in an order that does not depend on the number of threads.
package enum ReductionKernel {
    /// Elements that are summed one after the other before the sums of all such groups are added.
    private static let groupSize = 1 << 14

    /// The sum of all elements.
    package static func sum(_ input: Buffer) -> Float {
        let source = input.pointer
        return Float(sumOfGroups(input.count) { Vector(at: source + $0, lanes: $1) })
    }

    /// The sum of the squares of all elements.
    package static func sumOfSquares(_ input: Buffer) -> Double {
        let source = input.pointer
        return sumOfGroups(input.count) { index, lanes in
            let value = Vector(at: source + index, lanes: lanes)
            return value * value
        }
    }

    @inline(__always)
    private static func sumOfGroups(_ count: Int, _ term: (_ index: Int, _ lanes: Int) -> Vector) -> Double {
        let groups = (count + groupSize - 1) / groupSize
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(groups, 1)) { sums in
            Parallel.forEach(groups) { group in
                let start = group * groupSize
                var total = Vector()
                forEachVector(min(groupSize, count - start)) { offset, lanes in total += term(start + offset, lanes) }
                sums[group] = Double(total.total)
            }
            return sums[..<groups].reduce(0, +)
        }
    }

    /// Sums the rows of a matrix.
    ///
    /// Shape: (rows, columns) -> (columns), with as many columns as `output` has elements.
    package static func sumRows(_ input: Buffer, into output: Buffer) {
        let columns = output.count
        let rows = input.count / columns
        let (source, target) = (input.pointer, output.pointer)
        Parallel.forEachRange(columns, size: 4 * vectorWidth) { range in
            forEachVector(range.count) { offset, lanes in
                let column = range.lowerBound + offset
                var total = Vector()
                for row in 0..<rows { total += Vector(at: source + row * columns + column, lanes: lanes) }
                total.store(to: target + column, lanes: lanes)
            }
        }
    }
}
