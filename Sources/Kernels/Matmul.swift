/// The product of two matrices, either of them transposed or not.
///
/// Threads share out the product as ``MatmulPlan`` says, a ``MatmulPiece`` at a time. Which thread computes a piece never
/// changes the order in which an element is summed, so results are the same bits at any number of threads.
package enum Matmul {
    /// Computes `c = a b`, or that plus an addend.
    ///
    /// Shape: (m, k) x (k, n) -> (m, n). `c` and the addend are stored row after row; `c` is neither `a` nor `b`.
    ///
    /// - Parameters:
    ///   - a: The left operand.
    ///   - b: The right operand.
    ///   - c: The product.
    ///   - addend: What is added on the way to memory: a bias for every row, or `c` itself.
    package static func multiply(_ a: Matrix, _ b: Matrix, into c: Matrix, plus addend: Matrix? = nil) {
        let (left, right, product) = (a.elements, b.elements, c.elements)
        require(
            left.columns > 0 && left.columns == right.rows && isProduct(product, left, right)
                && addend.map { isProduct($0.elements, left, right) } ?? true,
            "(\(left.rows), \(left.columns)) x (\(right.rows), \(right.columns)) "
                + "is not (\(product.rows), \(product.columns))")
        withExtendedLifetime((a, b, c, addend)) {
            if left.rows <= MatrixVector.rowLimit {
                MatrixVector.multiply(left, right, into: product, plus: addend?.elements)
            } else if sumsOverRows(left) {
                multiplyHalves(left, right, into: product, plus: addend?.elements)
            } else {
                multiply(left, right, into: [product], plus: addend?.elements)
            }
        }
    }

    private static func isProduct(_ c: MatrixElements, _ a: MatrixElements, _ b: MatrixElements) -> Bool {
        c.rows == a.rows && c.columns == b.columns && c.columnStride == 1
    }

    /// Whether the product is a sum over the rows of both operands as they are stored: a weight's gradient.
    private static func sumsOverRows(_ a: MatrixElements) -> Bool { a.columnStride != 1 && a.columns > 1 }

    /// Sums the first half of the rows and the second half by themselves, whatever the number of threads.
    ///
    /// Of two threads, each has made about half of the rows and still has them in its caches; to fetch the other half from
    /// another core would take longer than to multiply it.
    private static func multiplyHalves(
        _ a: MatrixElements, _ b: MatrixElements, into c: MatrixElements, plus addend: MatrixElements?
    ) {
        Buffer.withScratch(c.rows * c.columns) { memory in
            let second = MatrixElements(start: memory, rows: c.rows, columns: c.columns)
            multiply(a, b, into: [c, second], plus: addend)
            Parallel.forEachRange(c.rows, size: 8) { rows in
                for row in rows { add(second.row(row), to: c.row(row), c.columns) }
            }
        }
    }

    /// Computes the product as one sum for each target, over an equal part of the depth, the first with the addend.
    private static func multiply(
        _ a: MatrixElements, _ b: MatrixElements, into targets: [MatrixElements], plus addend: MatrixElements?
    ) {
        let depth = (a.columns + targets.count - 1) / targets.count
        // Where the parts cannot be shared out evenly, each is shared out among all threads.
        let threads = Parallel.threads % targets.count == 0 ? Parallel.threads / targets.count : Parallel.threads
        let plan = MatmulPlan(rows: a.rows, columns: b.columns, depth: depth, threads: threads)
        targets.withUnsafeBufferPointer { targets in
            Parallel.forEach(targets.count * plan.pieces, scratch: plan.scratch) { index, memory in
                let (part, piece) = index.quotientAndRemainder(dividingBy: plan.pieces)
                let depths = part * depth..<min(a.columns, (part + 1) * depth)
                MatmulPiece(left: a, right: b, rows: plan.rows(piece), columns: plan.columns(piece))
                    .multiply(depths, into: targets[part], plus: part == 0 ? addend : nil, memory)
            }
        }
    }
}
