import CPUSupport

/// Products with so few rows on the left that packing the right operand would cost more than the product: sampling.
enum MatrixVector {
    /// The most rows for which this way is the faster one.
    static let rowLimit = 8
    /// Elements of the right operand below which one thread is done before a second one is awake.
    private static let parallelElements = 1 << 14

    /// Computes `c = a b`, or `c += a b`, for a few rows.
    static func multiply(_ a: MatrixElements, _ b: MatrixElements, into c: MatrixElements, accumulate: Bool) {
        let isSmall = b.rows * b.columns < parallelElements
        if b.columnStride == 1 {
            let columns = registers * vectorWidth
            let share = (b.columns + Parallel.threads - 1) / Parallel.threads
            let size = isSmall ? b.columns : (share + 2 * vectorWidth - 1) / (2 * vectorWidth) * 2 * vectorWidth
            Parallel.forEachRange(b.columns, size: size) { range in
                for row in 0..<a.rows {
                    forEachStep(range, by: columns) { start in
                        addRows(
                            a.row(row), a.columnStride, b, columns: start..<min(range.upperBound, start + columns),
                            into: c.row(row) + start, accumulate: accumulate)
                    }
                }
            }
        } else {
            let size = isSmall ? b.columns : (b.columns + Parallel.threads - 1) / Parallel.threads
            Parallel.forEachRange(b.columns, size: size) { range in
                for row in 0..<a.rows {
                    for column in range {
                        let product = dot(a.row(row), a.columnStride, b, column)
                        c.row(row)[column] = accumulate ? c.row(row)[column] + product : product
                    }
                }
            }
        }
    }

    /// Sums that are formed side by side: two multiply-adds a cycle, each of which takes four.
    private static var registers: Int { 8 }

    /// Sums rows of the right operand, each times one element of the left, in registers.
    @inline(__always)
    private static func addRows(
        _ a: UnsafePointer<Float>, _ aStride: Int, _ b: MatrixElements, columns: Range<Int>,
        into c: UnsafeMutablePointer<Float>, accumulate: Bool
    ) {
        if columns.count == registers * vectorWidth {
            addRows(a, aStride, b, from: columns.lowerBound, registers: registers, into: c, accumulate: accumulate)
        } else if columns.count % (2 * vectorWidth) == 0 {
            forEachStep(0..<columns.count, by: 2 * vectorWidth) { offset in
                addRows(
                    a, aStride, b, from: columns.lowerBound + offset, registers: 2, into: c + offset,
                    accumulate: accumulate)
            }
        } else {
            forEachVector(columns.count) { offset, lanes in
                var sum = Vector()
                for step in 0..<b.rows {
                    sum = sum.adding(
                        product: Vector(repeating: a[step * aStride]),
                        Vector(at: b.row(step) + columns.lowerBound + offset, lanes: lanes))
                }
                if accumulate { sum += Vector(at: c + offset, lanes: lanes) }
                sum.store(to: c + offset, lanes: lanes)
            }
        }
    }

    /// The same for as many columns as fill `registers` registers, a literal of at most 8.
    @inline(__always)
    private static func addRows(
        _ a: UnsafePointer<Float>, _ aStride: Int, _ b: MatrixElements, from column: Int, registers: Int,
        into c: UnsafeMutablePointer<Float>, accumulate: Bool
    ) {
        var sums = InlineArray<8, Vector>(repeating: Vector())
        var line = UnsafePointer(b.row(0) + column)
        for step in 0..<b.rows {
            let element = Vector(repeating: a[step * aStride])
            for index in 0..<registers {
                sums[index] = sums[index].adding(product: element, Vector(at: line + index * vectorWidth))
            }
            line += b.rowStride
        }
        for index in 0..<registers {
            let target = c + index * vectorWidth
            (accumulate ? Vector(at: target) + sums[index] : sums[index]).store(to: target)
        }
    }

    /// The product of a row with a column that is stored in one piece.
    @inline(__always)
    private static func dot(_ a: UnsafePointer<Float>, _ aStride: Int, _ b: MatrixElements, _ column: Int) -> Float {
        let line = b.row(0) + column * b.columnStride
        guard aStride == 1 && b.rowStride == 1 else {
            var sum: Float = 0
            for step in 0..<b.rows { sum += a[step * aStride] * line[step * b.rowStride] }
            return sum
        }
        var sums = Vector()
        forEachVector(b.rows) { step, lanes in
            sums = sums.adding(product: Vector(at: a + step, lanes: lanes), Vector(at: line + step, lanes: lanes))
        }
        return sums.total
    }
}
