import CPUSupport

/// Products with so few rows on the left that packing the right operand would cost more than the product: sampling.
enum MatrixVector {
    /// The most rows for which this way is the faster one.
    static let rowLimit = 48
    /// The most rows that are multiplied together.
    private static let mostRows = 8
    /// Multiply-adds below which one thread is done before a second one is awake.
    private static let parallelProducts = 1 << 17

    /// Computes `c = a b`, or that plus an addend, for a few rows.
    ///
    /// Rows are taken in groups, so that an element of the right operand, once loaded, serves several. Each row is summed in
    /// the same order whatever its group: a text is the same, however many are sampled beside it.
    static func multiply(
        _ a: MatrixElements, _ b: MatrixElements, into c: MatrixElements, plus addend: MatrixElements?
    ) {
        let threads = a.rows * b.rows * b.columns < parallelProducts ? 1 : Parallel.threads
        if a.rows > 0 && a.rows % (mostRows * threads) == 0 {
            // Rows that divide evenly stay with the core that has them from the operation before.
            let share = a.rows / threads
            Parallel.forEach(threads) { thread in
                let rows = thread * share..<(thread + 1) * share
                multiply(a.rows(rows), b, columns: 0..<b.columns, into: c.rows(rows), plus: addend?.rows(rows))
            }
        } else {
            let (grain, share) = (2 * vectorWidth, (b.columns + threads - 1) / threads)
            Parallel.forEachRange(b.columns, size: max(1, (share + grain - 1) / grain * grain)) {
                multiply(a, b, columns: $0, into: c, plus: addend)
            }
        }
    }

    /// Computes the part of the product in these columns.
    static func multiply(
        _ a: MatrixElements, _ b: MatrixElements, columns: Range<Int>, into c: MatrixElements,
        plus addend: MatrixElements? = nil
    ) {
        guard b.columnStride == 1 else {
            for row in 0..<a.rows {
                multiply(a.row(row), a.columnStride, b, columns, into: c.row(row), plus: addend?.row(row))
            }
            return
        }
        // Many groups of rows take turns at a few columns, which stay in the first-level cache.
        let width = a.rows > mostRows ? 2 * vectorWidth : columns.count
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
    private static func groupSize(_ rows: Int) -> Int {
        rows >= mostRows ? mostRows : rows >= 4 ? 4 : rows >= 2 ? 2 : 1
    }

    /// The largest number of registers side by side that there is a tile for.
    private static func registers(atMost count: Int) -> Int {
        count >= 24 ? 24 : count >= 16 ? 16 : count >= 12 ? 12 : count >= 8 ? 8 : count >= 4 ? 4 : 2
    }

    /// The most registers side by side, so that a line of a weight is read in long runs. Several rows share what is loaded,
    /// which takes registers too: they have two thirds as many sums.
    private static func widest(_ rows: Int) -> Int {
        let sums = tileRows * tileVectors
        return rows == 1 ? sums : max(2, sums * 2 / 3 / rows)
    }

    /// The part of the product in a group of rows and these columns, fewer registers at a time towards their end.
    private static func addRows(
        _ a: MatrixElements, _ rows: Range<Int>, _ b: MatrixElements, _ columns: Range<Int>,
        into c: MatrixElements, plus addend: MatrixElements?
    ) {
        let widest = widest(rows.count)
        var column = columns.lowerBound
        while columns.upperBound - column >= 2 * vectorWidth {
            let row = rows.lowerBound
            let registers = registers(atMost: min(widest, (columns.upperBound - column) / vectorWidth))
            switch (rows.count, registers) {
            case (8, 2): SumTile<8, 1, 2>.add(a, row, b, column, into: c, addend)
            case (4, 4): SumTile<4, 1, 4>.add(a, row, b, column, into: c, addend)
            case (4, 2): SumTile<4, 1, 2>.add(a, row, b, column, into: c, addend)
            case (2, 8): SumTile<2, 2, 4>.add(a, row, b, column, into: c, addend)
            case (2, 4): SumTile<2, 1, 4>.add(a, row, b, column, into: c, addend)
            case (2, 2): SumTile<2, 1, 2>.add(a, row, b, column, into: c, addend)
            case (1, 24): SumTile<1, 6, 4>.add(a, row, b, column, into: c, addend)
            case (1, 16): SumTile<1, 4, 4>.add(a, row, b, column, into: c, addend)
            case (1, 12): SumTile<1, 3, 4>.add(a, row, b, column, into: c, addend)
            case (1, 8): SumTile<1, 2, 4>.add(a, row, b, column, into: c, addend)
            case (1, 4): SumTile<1, 1, 4>.add(a, row, b, column, into: c, addend)
            case (1, 2): SumTile<1, 1, 2>.add(a, row, b, column, into: c, addend)
            default: require(false, "no tile of \(rows.count) rows and \(registers) registers")
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

    /// The products of a row with columns that are each stored in one piece, four at a time: one sum alone would wait for
    /// itself.
    private static func multiply(
        _ a: UnsafePointer<Float>, _ stride: Int, _ b: MatrixElements, _ columns: Range<Int>,
        into c: UnsafeMutablePointer<Float>, plus addend: UnsafePointer<Float>?
    ) {
        func line(_ column: Int) -> UnsafePointer<Float> { UnsafePointer(b.row(0) + column * b.columnStride) }
        guard stride == 1 && b.rowStride == 1 else {
            for column in columns {
                let line = line(column)
                let product = (0..<b.rows).reduce(0) { $0 + a[$1 * stride] * line[$1 * b.rowStride] }
                c[column] = (addend?[column] ?? 0) + product
            }
            return
        }
        forEachStep(columns, by: 4) { column in
            let last = columns.upperBound - 1
            let lines = InlineArray<4, UnsafePointer<Float>> { line(min(column + $0, last)) }
            var sums = InlineArray<4, Vector> { _ in Vector() }
            forEachVector(b.rows) { step, lanes in
                let element = Vector(at: a + step, lanes: lanes)
                for index in 0..<4 {
                    sums[index] = sums[index].adding(product: element, Vector(at: lines[index] + step, lanes: lanes))
                }
            }
            for index in 0..<min(4, columns.upperBound - column) {
                c[column + index] = (addend?[column + index] ?? 0) + sums[index].total
            }
        }
    }
}

/// A block of the product, formed in registers, `groups` times `size` for each row: a function of its own for each size,
/// because inlined into the choice between them the sums would not stay there; nor would they in loops of more than a dozen
/// turns, which the compiler does not unroll.
private enum SumTile<let rows: Int, let groups: Int, let size: Int> {
    @inline(never)
    static func add(
        _ a: MatrixElements, _ firstRow: Int, _ b: MatrixElements, _ column: Int, into c: MatrixElements,
        _ addend: MatrixElements?
    ) {
        var line = UnsafePointer(b.row(0) + column)
        var left = UnsafePointer(a.row(firstRow))
        var sums = InlineArray<24, Vector> { _ in Vector() }
        for _ in 0..<b.rows {
            for row in 0..<rows {
                let element = Vector(repeating: left[row * a.rowStride])
                for group in 0..<groups {
                    for index in size * group..<size * group + size {
                        sums[row * groups * size + index] = sums[row * groups * size + index]
                            .adding(product: element, Vector(at: line + index * vectorWidth))
                    }
                }
            }
            left += a.columnStride
            line += b.rowStride
        }
        for row in 0..<rows {
            let target = c.row(firstRow + row) + column
            let addend = addend.map { $0.row(firstRow + row) + column }
            for group in 0..<groups {
                for index in size * group..<size * group + size {
                    var sum = sums[row * groups * size + index]
                    if let addend { sum += Vector(at: addend + index * vectorWidth) }
                    sum.store(to: target + index * vectorWidth)
                }
            }
        }
    }
}
