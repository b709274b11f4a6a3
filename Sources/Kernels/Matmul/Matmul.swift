import CPUSupport

/// The product of two matrices (GEMM), either of them transposed or not.
///
/// Few rows go to ``SkinnyMatmul``. Otherwise threads share the product as ``MatmulPartition`` divides it, one
/// ``MacroKernel`` at a time, and at the bottom is the ``microkernel(rows:depth:a:rowStride:depthStride:b:depthStride:into:rowStride:plus:rowStride:)``.
/// Which thread computes a part never changes the order in which an element is summed, so results have the same bits at any
/// number of threads.
package enum Matmul {
    /// Steps along the depth that are summed in registers before the sum is added to memory (the K block of BLIS). Every
    /// path through this file rounds at the same steps, so an element's bits do not depend on the number of rows.
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
        Buffer.withWorkspace(c.rows * c.columns) { memory in
            let second = MatrixView(start: memory, rows: c.rows, columns: c.columns)
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
        let partition = MatmulPartition(rows: a.rows, columns: b.columns, depth: depth, threads: threads)
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

/// How threads share a matrix product: each has an equal range of rows, cut into two parts by columns, so that another
/// thread can take one of them when cores differ in speed or one is preempted.
///
/// Every part packs its operands for itself. No thread waits for another or reads what another has just written: a line
/// from another core's cache takes as long as a hundred multiply-adds, or five hundred where cores share no cache.
struct MatmulPartition {
    private let productRows: Int, productColumns: Int
    private let partRows: Int, partColumns: Int
    /// Parts side by side.
    private let partsPerRow: Int
    /// Parts in all.
    let count: Int
    /// Floats of workspace that a part needs.
    let workspace: Int

    /// Divides a product of these sizes among so many threads.
    init(rows: Int, columns: Int, depth: Int, threads: Int) {
        let (tiles, panels) = (Self.blocks(rows, tileRows), Self.blocks(columns, tileColumns))
        (productRows, productColumns) = (rows, columns)
        partRows = Self.blocks(tiles, threads) * tileRows
        partColumns = Self.blocks(panels, 2) * tileColumns
        partsPerRow = Self.blocks(columns, partColumns)
        count = partsPerRow * Self.blocks(rows, partRows)
        workspace = MacroKernel.Workspace(columns: partColumns, depth: depth).count
    }

    /// How many blocks of `size` cover `count`.
    private static func blocks(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

    /// The rows of the product in a part.
    func rows(_ part: Int) -> Range<Int> {
        let first = part / partsPerRow * partRows
        return first..<min(productRows, first + partRows)
    }

    /// The columns of the product in a part.
    func columns(_ part: Int) -> Range<Int> {
        let first = part % partsPerRow * partColumns
        return first..<min(productColumns, first + partColumns)
    }
}
