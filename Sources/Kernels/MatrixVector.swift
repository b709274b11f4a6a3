import CPUSupport

/// Products with so few rows on the left that packing the right operand would cost more than the product: sampling.
enum MatrixVector {
    /// The most rows for which this way is the faster one.
    static let rowLimit = 48
    /// Multiply-adds below which one thread is done before a second one is awake.
    private static let parallelProducts = 1 << 17

    /// Computes `c = a b`, or that plus an addend, for a few rows.
    ///
    /// Rows are taken in groups, so that an element of the right operand, once loaded, serves several. Each row is summed in
    /// the same order whatever its group: a text is the same, however many are sampled beside it.
    static func multiply(
        _ a: MatrixElements, _ b: MatrixElements, into c: MatrixElements, plus addend: MatrixElements?
    ) {
        let isSmall = a.rows * b.rows * b.columns < parallelProducts
        let grain = 2 * vectorWidth
        let share = (b.columns + Parallel.threads - 1) / Parallel.threads
        Parallel.forEachRange(b.columns, size: isSmall ? max(1, b.columns) : (share + grain - 1) / grain * grain) {
            multiply(a, b, columns: $0, into: c, plus: addend)
        }
    }

    /// Computes the part of the product in these columns.
    static func multiply(
        _ a: MatrixElements, _ b: MatrixElements, columns: Range<Int>, into c: MatrixElements,
        plus addend: MatrixElements? = nil
    ) {
        guard b.columnStride == 1 else {
            for column in columns {
                for row in 0..<a.rows {
                    let product = dot(a.row(row), a.columnStride, b, column)
                    c.row(row)[column] = addend.map { $0.row(row)[column] + product } ?? product
                }
            }
            return
        }
        // Many groups of rows take turns at a few columns, which stay in the first-level cache.
        let width = a.rows > 8 ? 2 * vectorWidth : columns.count
        forEachStep(columns, by: width) { column in
            let columns = column..<min(columns.upperBound, column + width)
            var first = 0
            while first < a.rows {
                let count = groupSize(a.rows - first)
                addRows(a, first..<first + count, b, columns, into: c, plus: addend)
                first += count
            }
        }
    }

    /// The largest group there is for so many rows.
    private static func groupSize(_ rows: Int) -> Int { rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1 }

    /// The part of the product in a group of rows and these columns: as many registers at a time as make sixteen sums side
    /// by side, or eight, enough for two multiply-adds a cycle that take four cycles each; fewer at the end of the columns.
    private static func addRows(
        _ a: MatrixElements, _ rows: Range<Int>, _ b: MatrixElements, _ columns: Range<Int>,
        into c: MatrixElements, plus addend: MatrixElements?
    ) {
        let widest = rows.count == 8 ? 2 : rows.count == 4 ? 4 : 8
        var column = columns.lowerBound
        while columns.upperBound - column >= 2 * vectorWidth {
            let left = (columns.upperBound - column) / vectorWidth
            let (row, registers) = (rows.lowerBound, min(widest, left >= 8 ? 8 : left >= 4 ? 4 : 2))
            switch (rows.count, registers) {
            case (8, _): SumTile<8, 2>.add(a, row, b, column, into: c, addend)
            case (4, 4): SumTile<4, 4>.add(a, row, b, column, into: c, addend)
            case (4, _): SumTile<4, 2>.add(a, row, b, column, into: c, addend)
            case (2, 8): SumTile<2, 8>.add(a, row, b, column, into: c, addend)
            case (2, 4): SumTile<2, 4>.add(a, row, b, column, into: c, addend)
            case (2, _): SumTile<2, 2>.add(a, row, b, column, into: c, addend)
            case (_, 8): SumTile<1, 8>.add(a, row, b, column, into: c, addend)
            case (_, 4): SumTile<1, 4>.add(a, row, b, column, into: c, addend)
            default: SumTile<1, 2>.add(a, row, b, column, into: c, addend)
            }
            column += registers * vectorWidth
        }
        for row in rows {
            forEachVector(columns.upperBound - column) { offset, lanes in
                var sum = Vector()
                for step in 0..<b.rows {
                    sum = sum.adding(
                        product: Vector(repeating: a.row(row)[step * a.columnStride]),
                        Vector(at: b.row(step) + column + offset, lanes: lanes))
                }
                if let addend { sum += Vector(at: addend.row(row) + column + offset, lanes: lanes) }
                sum.store(to: c.row(row) + column + offset, lanes: lanes)
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
        return sums.total
    }
}

/// A block of the product, `rows` x `registers`, formed in registers: a function of its own for each size, because inlined
/// into the choice between them the sums would not stay there.
private enum SumTile<let rows: Int, let registers: Int> {
    @inline(never)
    static func add(
        _ a: MatrixElements, _ firstRow: Int, _ b: MatrixElements, _ column: Int, into c: MatrixElements,
        _ addend: MatrixElements?
    ) {
        var line = UnsafePointer(b.row(0) + column)
        var left = UnsafePointer(a.row(firstRow))
        var sums = InlineArray<16, Vector> { _ in Vector() }
        for _ in 0..<b.rows {
            for row in 0..<rows {
                let element = Vector(repeating: left[row * a.rowStride])
                for index in 0..<registers {
                    sums[row * registers + index] = sums[row * registers + index]
                        .adding(product: element, Vector(at: line + index * vectorWidth))
                }
            }
            left += a.columnStride
            line += b.rowStride
        }
        for row in 0..<rows {
            let target = c.row(firstRow + row) + column
            for index in 0..<registers {
                var sum = sums[row * registers + index]
                if let addend { sum += Vector(at: addend.row(firstRow + row) + column + index * vectorWidth) }
                sum.store(to: target + index * vectorWidth)
            }
        }
    }
}
