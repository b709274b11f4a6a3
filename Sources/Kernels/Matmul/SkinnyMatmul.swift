import CPUSupport

/// Skinny GEMM: products with so few rows of A that packing B would cost more than the product, as in sampling. With one
/// row (GEMV) the speed is that at which memory delivers B.
enum SkinnyMatmul {
    /// The most rows for which this path is the faster one.
    static let rowLimit = 48
    /// The most rows that are multiplied together.
    private static let mostRows = 8
    /// Multiply-adds below which one thread is done before a second one is awake.
    private static let parallelProducts = 1 << 17

    /// Computes `c = a b + addend` for a few rows.
    ///
    /// Rows are taken in groups, so that a loaded element of B serves several. Each row is summed in the same order whatever
    /// its group: a text has the same bits, however many are sampled beside it. Where B is not transposed it is also rounded
    /// where ``MacroKernel`` rounds, after each K block. Where B is transposed (the LM head), an element is a dot product of
    /// contiguous floats, summed lane by lane over the whole depth, which the packed path does not do.
    static func multiply(
        _ a: MatrixView, _ b: MatrixView, into c: MatrixView, plus addend: MatrixView?
    ) {
        let threads = a.rows * b.rows * b.columns < parallelProducts ? 1 : Parallel.threads
        if a.rows > 0 && a.rows % (mostRows * threads) == 0 {
            // Where rows divide evenly, each core takes those that it has in its caches from the operation before.
            let share = a.rows / threads
            Parallel.forEach(threads) { thread in
                let rows = thread * share..<(thread + 1) * share
                multiplyBlocks(a.rows(rows), b, columns: 0..<b.columns, into: c.rows(rows), plus: addend?.rows(rows))
            }
        } else {
            let (grain, share) = (2 * vectorWidth, (b.columns + threads - 1) / threads)
            Parallel.forEachRange(b.columns, grain: max(1, (share + grain - 1) / grain * grain)) {
                multiplyBlocks(a, b, columns: $0, into: c, plus: addend)
            }
        }
    }

    /// Computes a range of columns, adding to memory after each K block like the packed path, unless B is transposed.
    private static func multiplyBlocks(
        _ a: MatrixView, _ b: MatrixView, columns: Range<Int>, into c: MatrixView, plus addend: MatrixView?
    ) {
        guard b.columnStride == 1 else { return multiply(a, b, columns: columns, into: c, plus: addend) }
        forEachStep(0..<b.rows, by: Matmul.depthBlock) { first in
            let depths = first..<min(b.rows, first + Matmul.depthBlock)
            multiply(
                a.columns(depths), b.rows(depths), columns: columns, into: c, plus: first > 0 ? c : addend)
        }
    }

    /// Computes a range of columns on the calling thread, summed over the whole depth.
    static func multiply(
        _ a: MatrixView, _ b: MatrixView, columns: Range<Int>, into c: MatrixView,
        plus addend: MatrixView? = nil
    ) {
        guard b.columnStride == 1 else {
            for row in 0..<a.rows {
                multiply(a.row(row), a.columnStride, b, columns, into: c.row(row), plus: addend?.row(row))
            }
            return
        }
        // With several groups of rows, a few columns of B at a time stay in the first-level cache.
        let width = a.rows > mostRows ? 2 * vectorWidth : columns.count
        forEachStep(columns, by: width) { column in
            let columns = column..<min(columns.upperBound, column + width)
            var first = 0
            while first < a.rows {
                let count = groupSize(a.rows - first)
                multiplyRows(a, first..<first + count, b, columns, into: c, plus: addend)
                first += count
            }
        }
    }

    /// The largest group of rows there is a tile for.
    private static func groupSize(_ rows: Int) -> Int {
        rows >= mostRows ? mostRows : rows >= 4 ? 4 : rows >= 2 ? 2 : 1
    }

    /// The largest number of registers side by side there is a tile for.
    private static func registers(atMost count: Int) -> Int {
        count >= 24 ? 24 : count >= 16 ? 16 : count >= 12 ? 12 : count >= 8 ? 8 : count >= 4 ? 4 : 2
    }

    /// The most registers side by side. Long runs through a row of B matter: in runs of 8 registers memory delivers a sixth
    /// less than in runs of 24. Several rows also need registers for the loaded elements, so they have two thirds as many
    /// accumulators.
    private static func widest(_ rows: Int) -> Int {
        let accumulators = tileRows * tileVectors
        return rows == 1 ? accumulators : max(2, accumulators * 2 / 3 / rows)
    }

    /// Computes a group of rows in a range of columns, with fewer registers at a time towards the end of the range.
    private static func multiplyRows(
        _ a: MatrixView, _ rows: Range<Int>, _ b: MatrixView, _ columns: Range<Int>,
        into c: MatrixView, plus addend: MatrixView?
    ) {
        let widest = widest(rows.count)
        var column = columns.lowerBound
        while columns.upperBound - column >= 2 * vectorWidth {
            let row = rows.lowerBound
            let registers = registers(atMost: min(widest, (columns.upperBound - column) / vectorWidth))
            switch (rows.count, registers) {
            case (8, 2): SkinnyTile<8, 1, 2>.multiply(a, row, b, column, into: c, addend)
            case (4, 4): SkinnyTile<4, 1, 4>.multiply(a, row, b, column, into: c, addend)
            case (4, 2): SkinnyTile<4, 1, 2>.multiply(a, row, b, column, into: c, addend)
            case (2, 8): SkinnyTile<2, 2, 4>.multiply(a, row, b, column, into: c, addend)
            case (2, 4): SkinnyTile<2, 1, 4>.multiply(a, row, b, column, into: c, addend)
            case (2, 2): SkinnyTile<2, 1, 2>.multiply(a, row, b, column, into: c, addend)
            case (1, 24): SkinnyTile<1, 6, 4>.multiply(a, row, b, column, into: c, addend)
            case (1, 16): SkinnyTile<1, 4, 4>.multiply(a, row, b, column, into: c, addend)
            case (1, 12): SkinnyTile<1, 3, 4>.multiply(a, row, b, column, into: c, addend)
            case (1, 8): SkinnyTile<1, 2, 4>.multiply(a, row, b, column, into: c, addend)
            case (1, 4): SkinnyTile<1, 1, 4>.multiply(a, row, b, column, into: c, addend)
            case (1, 2): SkinnyTile<1, 1, 2>.multiply(a, row, b, column, into: c, addend)
            default: require(false, "no tile of \(rows.count) rows and \(registers) registers")
            }
            column += registers * vectorWidth
        }
        for row in rows {
            forEachVector(columns.upperBound - column) { offset, lanes in
                var sum = Vector()
                for k in 0..<b.rows {
                    sum = sum.adding(
                        product: Vector(repeating: a.row(row)[k * a.columnStride]),
                        Vector(at: b.row(k) + column + offset, lanes: lanes))
                }
                if let addend { sum += Vector(at: addend.row(row) + column + offset, lanes: lanes) }
                sum.store(to: c.row(row) + column + offset, lanes: lanes)
            }
        }
    }

    /// Dot products of a row with columns that are contiguous in memory, four at a time: a single accumulator would wait for
    /// the latency of its own multiply-add.
    private static func multiply(
        _ a: UnsafePointer<Float>, _ stride: Int, _ b: MatrixView, _ columns: Range<Int>,
        into c: UnsafeMutablePointer<Float>, plus addend: UnsafePointer<Float>?
    ) {
        func start(_ column: Int) -> UnsafePointer<Float> { UnsafePointer(b.row(0) + column * b.columnStride) }
        guard stride == 1 && b.rowStride == 1 else {
            for column in columns {
                let elements = start(column)
                let product = (0..<b.rows).reduce(0) { $0 + a[$1 * stride] * elements[$1 * b.rowStride] }
                c[column] = (addend?[column] ?? 0) + product
            }
            return
        }
        forEachStep(columns, by: 4) { column in
            let last = columns.upperBound - 1
            let starts = InlineArray<4, UnsafePointer<Float>> { start(min(column + $0, last)) }
            var sums = InlineArray<4, Vector> { _ in Vector() }
            forEachVector(b.rows) { k, lanes in
                let element = Vector(at: a + k, lanes: lanes)
                for index in 0..<4 {
                    sums[index] = sums[index].adding(product: element, Vector(at: starts[index] + k, lanes: lanes))
                }
            }
            for index in 0..<min(4, columns.upperBound - column) {
                c[column + index] = (addend?[column + index] ?? 0) + sums[index].total
            }
        }
    }
}

/// A register tile of a skinny product: `rows` x (`groups` x `size`) registers. Each shape is a function of its own, because
/// inlined into the choice between them the accumulators would not stay in registers; `groups` exists because the compiler
/// does not unroll loops of more than a dozen turns.
private enum SkinnyTile<let rows: Int, let groups: Int, let size: Int> {
    @inline(never)
    static func multiply(
        _ a: MatrixView, _ firstRow: Int, _ b: MatrixView, _ column: Int, into c: MatrixView,
        _ addend: MatrixView?
    ) {
        var elements = UnsafePointer(b.row(0) + column)
        var left = UnsafePointer(a.row(firstRow))
        var accumulators = InlineArray<24, Vector> { _ in Vector() }
        for _ in 0..<b.rows {
            for row in 0..<rows {
                let broadcast = Vector(repeating: left[row * a.rowStride])
                for group in 0..<groups {
                    for index in size * group..<size * group + size {
                        accumulators[row * groups * size + index] = accumulators[row * groups * size + index]
                            .adding(product: broadcast, Vector(at: elements + index * vectorWidth))
                    }
                }
            }
            left += a.columnStride
            elements += b.rowStride
        }
        for row in 0..<rows {
            let target = c.row(firstRow + row) + column
            let addend = addend.map { $0.row(firstRow + row) + column }
            for group in 0..<groups {
                for index in size * group..<size * group + size {
                    var sum = accumulators[row * groups * size + index]
                    if let addend { sum += Vector(at: addend + index * vectorWidth) }
                    sum.store(to: target + index * vectorWidth)
                }
            }
        }
    }
}
