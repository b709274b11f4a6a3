/// The product of two matrices (GEMM), either of them transposed or not.
///
/// Few rows go to ``SkinnyMatmul``. Otherwise threads share the product as ``MatmulPartition`` divides it, one
/// ``MacroKernel`` at a time, and at the bottom is the ``microkernel(rows:depth:a:rowStride:depthStride:b:depthStride:into:rowStride:plus:rowStride:)``.
/// Which thread computes a part never changes the order in which an element is summed, so results have the same bits at any
/// number of threads. Nor does the number of rows, if neither operand is transposed; with B transposed, a row has the same bits
/// in all products of up to ``SkinnyMatmul/rowLimit`` rows, and in all of more.
package enum Matmul {
    /// The K block (KC of BLIS): products that are summed in registers before the sum is added to memory. The packed and the
    /// skinny path have the same block and so round at the same places.
    static let depthBlock = 512

    /// Computes `c = a b + addend`.
    ///
    /// Shape: (m, k) x (k, n) + (m, n) -> (m, n). `c` and the addend are stored row after row; `c` is neither `a` nor `b`.
    ///
    /// - Parameters:
    ///   - a: The left operand.
    ///   - b: The right operand.
    ///   - c: The product.
    ///   - addend: Added on the way to memory: a bias for every row, or `c` itself; zero if nil.
    /// - Precondition: The shapes agree, and k is positive.
    package static func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix, plus addend: Matrix? = nil) {
        let (left, right, product) = (a.view, b.view, c.view)
        require(
            left.columns > 0 && left.columns == right.rows && isProduct(product, left, right)
                && addend.map { isProduct($0.view, left, right) } ?? true,
            "(\(left.rows), \(left.columns)) x (\(right.rows), \(right.columns)) "
                + "is not (\(product.rows), \(product.columns))")
        guard product.rows > 0 && product.columns > 0 else { return }
        withExtendedLifetime((a, b, c, addend)) {
            if left.rows <= SkinnyMatmul.rowLimit {
                SkinnyMatmul.multiply(left, right, into: product, plus: addend?.view)
            } else if sumsOverRows(left) {
                multiplyHalves(left, right, into: product, plus: addend?.view)
            } else {
                multiply(left, right, into: [product], plus: addend?.view)
            }
        }
    }

    /// Multiply-adds of one product of a batch from which on all threads share it.
    private static let largeProduct = 1 << 22

    /// Computes `c = a b` for each of a batch of matrices that are stored one after the other, transposed or not.
    ///
    /// Small products are computed by one thread each, side by side.
    ///
    /// Shape: (batch, m, k) x (batch, k, n) -> (batch, m, n); a transposed operand is stored (batch, k, m) or (batch, n, k).
    ///
    /// - Precondition: The buffers have these sizes, and k is positive.
    package static func multiplyBatch(
        _ batch: Int, _ a: Buffer, _ b: Buffer, m: Int, k: Int, n: Int, leftTransposed: Bool = false,
        rightTransposed: Bool = false, into c: Buffer
    ) {
        require(
            min(batch, m, n) >= 0 && k > 0 && a.count == batch * m * k && b.count == batch * k * n
                && c.count == batch * m * n,
            "\(batch) x (\(m), \(k)) x (\(k), \(n)): got \(a.count) and \(b.count) elements for \(c.count)")
        guard c.count > 0 else { return }
        func matrix(_ buffer: Buffer, _ rows: Int, _ columns: Int, _ isTransposed: Bool) -> MatrixView {
            isTransposed
                ? MatrixView(start: buffer.pointer, rows: columns, columns: rows).transposed
                : MatrixView(start: buffer.pointer, rows: rows, columns: columns)
        }
        let (left, right) = (matrix(a, m, k, leftTransposed), matrix(b, k, n, rightTransposed))
        let product = matrix(c, m, n, false)
        let workspace = MacroKernel.Workspace(columns: n, depth: k, .placeholder).count
        withExtendedLifetime((a, b, c)) {
            if m * k * n >= largeProduct {
                for index in 0..<batch {
                    multiply(left.moved(index), right.moved(index), into: [product.moved(index)], plus: nil)
                }
            } else {
                Parallel.forEach(batch, workspace: workspace) { index, memory in
                    MacroKernel(left: left.moved(index), right: right.moved(index), rows: 0..<m, columns: 0..<n)
                        .multiply(0..<k, into: product.moved(index), plus: nil, memory)
                }
            }
        }
    }

    private static func isProduct(_ c: MatrixView, _ a: MatrixView, _ b: MatrixView) -> Bool {
        c.rows == a.rows && c.columns == b.columns && c.columnStride == 1
    }

    /// Whether the product sums over the rows of both operands as they are stored: a weight's gradient.
    private static func sumsOverRows(_ a: MatrixView) -> Bool { a.columnStride != 1 && a.columns > 1 }

    /// Sums the first half of the depth and the second half by themselves, whatever the number of threads.
    ///
    /// Of two threads, each has computed about half of the rows and still has them in its caches; fetching the other half
    /// from another core would take longer than multiplying it.
    private static func multiplyHalves(
        _ a: MatrixView, _ b: MatrixView, into c: MatrixView, plus addend: MatrixView?
    ) {
        let buffer = Buffer(uninitialized: c.rows * c.columns)
        let second = MatrixView(start: buffer.pointer, rows: c.rows, columns: c.columns)
        withExtendedLifetime(buffer) {
            multiply(a, b, into: [c, second], plus: addend)
            Parallel.forEachRange(c.rows, grain: 8) { rows in
                for row in rows { add(second.row(row), to: c.row(row), c.columns) }
            }
        }
    }

    /// Computes for each target the product over an equal part of the depth, the first plus the addend.
    private static func multiply(
        _ a: MatrixView, _ b: MatrixView, into targets: [MatrixView], plus addend: MatrixView?
    ) {
        let depth = (a.columns + targets.count - 1) / targets.count
        // Where the parts of the depth cannot be shared evenly, all threads share each of them.
        let threads = Parallel.threads % targets.count == 0 ? Parallel.threads / targets.count : Parallel.threads
        let partition = MatmulPartition(
            rows: a.rows, columns: b.columns, depth: depth, threads: threads, packsRows: a.columnStride != 1)
        targets.withUnsafeBufferPointer { targets in
            Parallel.forEach(targets.count * partition.count, workspace: partition.workspace) { index, memory in
                let (target, part) = index.quotientAndRemainder(dividingBy: partition.count)
                let depths = target * depth..<min(a.columns, (target + 1) * depth)
                MacroKernel(left: a, right: b, rows: partition.rows(part), columns: partition.columns(part))
                    .multiply(depths, into: targets[target], plus: target == 0 ? addend : nil, memory)
            }
        }
    }
}
