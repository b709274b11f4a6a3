import CPUSupport

/// Sums, each formed in an order that does not depend on the number of threads.
package enum ReductionKernel {
    /// Elements that are summed one after the other before the sums of all such groups are added.
    private static let groupSize = 1 << 13

    /// The sum of all elements.
    package static func sum(_ input: Buffer) -> Float { Float(sumOfGroups([input], squared: false)) }

    /// The sum of the squares of all elements of all buffers, in one parallel-for.
    package static func sumOfSquares(_ inputs: [Buffer]) -> Double { sumOfGroups(inputs, squared: true) }

    // Not with a closure for each register: passed to the threads, it would not be inlined.
    private static func sumOfGroups(_ inputs: [Buffer], squared: Bool) -> Double {
        // Each group's sum has a fixed index, so that the sums are added in the order of the groups.
        let counts = inputs.map(\.count)
        var firstGroups: [Int] = []
        var groups = 0
        for count in counts {
            firstGroups.append(groups)
            groups += (count + groupSize - 1) / groupSize
        }
        let pointers = inputs.map(\.pointer)
        return withExtendedLifetime(inputs) {
            withUnsafeTemporaryAllocation(of: Double.self, capacity: max(groups, 1)) { sums in
                pointers.withUnsafeBufferPointer { pointers in
                    firstGroups.withUnsafeBufferPointer { firstGroups in
                        Parallel.forEachChunk(of: counts, size: groupSize) { number, range in
                            let source = pointers[number] + range.lowerBound
                            var total = Vector()
                            forEachVector(range.count) { offset, lanes in
                                let element = Vector(at: source + offset, lanes: lanes)
                                total += squared ? element * element : element
                            }
                            sums[firstGroups[number] + range.lowerBound / groupSize] = Double(total.total)
                        }
                    }
                }
                return sums[..<groups].reduce(0, +)
            }
        }
    }

    /// Sums the rows of a matrix.
    ///
    /// Shape: (rows, columns) -> (columns), with as many columns as `output` has elements.
    package static func sumRows(_ input: Buffer, into output: Buffer) {
        let columns = output.count
        require(
            columns > 0 && input.count % columns == 0, "\(input.count) elements are not rows of \(columns)")
        let rows = input.count / columns
        let (source, target) = (input.pointer, output.pointer)
        Parallel.forEachRange(columns, grain: max(4, (1 << 14) / max(1, rows) / vectorWidth) * vectorWidth) { range in
            forEachVector(range.count) { offset, lanes in
                let column = range.lowerBound + offset
                var total = Vector()
                for row in 0..<rows { total += Vector(at: source + row * columns + column, lanes: lanes) }
                total.store(to: target + column, lanes: lanes)
            }
        }
    }
}
