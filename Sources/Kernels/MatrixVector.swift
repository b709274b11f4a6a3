import CPUSupport

/// Products with so few rows on the left that packing the right operand would cost more than the product: sampling.
enum MatrixVector {
    /// The most rows for which this way is the faster one.
    static let rowLimit = 8
    /// Elements of the right operand below which one thread is done before a second one is awake.
    private static let parallelElements = 1 << 17

    /// Computes `c = a b`, or `c += a b`, for a few rows.
    static func multiply(_ a: MatrixElements, _ b: MatrixElements, into c: MatrixElements, accumulate: Bool) {
        let isSmall = b.rows * b.columns < parallelElements
        if b.columnStride == 1 {
            let columns = 4 * vectorWidth
            let size = isSmall ? b.columns : (b.columns / Parallel.threads + columns - 1) / columns * columns
            Parallel.forEachRange(b.columns, size: max(size, columns)) { range in
                for row in 0..<a.rows {
                    for start in stride(from: range.lowerBound, to: range.upperBound, by: columns) {
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

    /// Sums rows of the right operand, each times one element of the left, in four registers.
    @inline(__always)
    private static func addRows(
        _ a: UnsafePointer<Float>, _ aStride: Int, _ b: MatrixElements, columns: Range<Int>,
        into c: UnsafeMutablePointer<Float>, accumulate: Bool
    ) {
        if columns.count == 4 * vectorWidth {
            var sums = InlineArray<4, Vector>(repeating: Vector())
            var line = UnsafePointer(b.row(0) + columns.lowerBound)
            for step in 0..<b.rows {
                let element = Vector(repeating: a[step * aStride])
                for index in 0..<4 {
                    sums[index] = sums[index].adding(product: element, Vector(at: line + index * vectorWidth))
                }
                line += b.rowStride
            }
            for index in 0..<4 {
                let target = c + index * vectorWidth
                (accumulate ? Vector(at: target) + sums[index] : sums[index]).store(to: target)
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
        return sums.sum()
    }
}
