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
        withExtendedLifetime(input) {
            sumRows(input.pointer, rows: input.count / columns, stride: columns, into: output)
        }
    }

    private static func sumRows(_ source: UnsafePointer<Float>, rows: Int, stride: Int, into output: Buffer) {
        let (columns, target) = (output.count, output.pointer)
        Parallel.forEachRange(columns, grain: max(4, (1 << 14) / max(1, rows) / vectorWidth) * vectorWidth) { range in
            forEachVector(range.count) { offset, lanes in
                let column = range.lowerBound + offset
                var total = Vector()
                for row in 0..<rows { total += Vector(at: source + row * stride + column, lanes: lanes) }
                total.store(to: target + column, lanes: lanes)
            }
        }
    }

    /// Rows whose gradients are summed one after the other before the sums of all such groups are added.
    private static let groupRows = 64

    /// Sums what each row adds to some vectors, such as the gradients of a norm's gain and bias: groups of rows in parallel,
    /// then the sums of the groups in their order.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - outputs: The vectors.
    ///   - body: Adds a group's rows one by one to its sums, which are zero at first and side by side as in `outputs`.
    static func sumGroups(
        ofRows rows: Int, into outputs: [Buffer],
        _ body: (_ rows: Range<Int>, _ sums: UnsafeMutablePointer<Float>) -> Void
    ) {
        let width = outputs.reduce(0) { $0 + $1.count }
        let groups = (rows + groupRows - 1) / groupRows
        let partials = Buffer(uninitialized: groups * width)
        withExtendedLifetime(partials) {
            let start = partials.pointer
            Parallel.forEach(groups) { group in
                let sums = start + group * width
                sums.update(repeating: 0, count: width)
                body(group * groupRows..<min(rows, (group + 1) * groupRows), sums)
            }
            var column = 0
            for output in outputs {
                sumRows(start + column, rows: groups, stride: width, into: output)
                column += output.count
            }
        }
    }
}
