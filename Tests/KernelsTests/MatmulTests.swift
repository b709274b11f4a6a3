import Testing

@testable import Kernels

@Suite("Matrix products")
struct MatmulTests {
    @Test(
        "A product in every form equals its definition, at sizes around the edges of tiles and blocks",
        arguments: [
            (1, 1, 1), (1, 65, 33), (2, 7, 31), (3, 513, 130), (8, 32, 300), (9, 100, 12), (12, 32, 32), (13, 33, 65),
            (31, 7, 11), (100, 70, 97), (37, 1100, 33), (1, 65, 700), (7, 65, 700),
            (48, 9, 70), (60, 1100, 96), (97, 513, 130), (60, 1, 70), (60, 9, 1), (331, 70, 5),
        ] + (49...60).map { ($0, 9, 70) })
    func everyForm(m: Int, k: Int, n: Int) {
        let (a, b) = (noise(m * k), noise(k * n, seed: 2))
        let expected = Reference.matmul(a, b, m: m, k: k, n: n)
        let left = [
            Matrix(Buffer(a), rows: m, columns: k),
            Matrix(Buffer(Reference.transpose(a, rows: m, columns: k)), rows: k, columns: m).transposed,
        ]
        let right = [
            Matrix(Buffer(b), rows: k, columns: n),
            Matrix(Buffer(Reference.transpose(b, rows: k, columns: n)), rows: n, columns: k).transposed,
        ]
        let start = noise(m * n, seed: 3)
        let bias = Array(start[..<n])
        let added = Reference.matmul(a, b, m: m, k: k, n: n, plus: start)
        let biased = Reference.matmul(a, b, m: m, k: k, n: n, plus: bias)
        for (i, x) in left.enumerated() {
            for (j, y) in right.enumerated() {
                let product = Buffer(repeating: .nan, count: m * n)
                Matmul.multiply(x, y, into: Matrix(product, rows: m, columns: n))
                expectClose(product.array, expected, absolute: 1e-6 * Float(k), "left form \(i), right form \(j)")
                let sum = Buffer(start)
                let target = Matrix(sum, rows: m, columns: n)
                Matmul.multiply(x, y, into: target, plus: target)
                expectClose(sum.array, added, absolute: 1e-6 * Float(k), "added, \(i), \(j)")
                Matmul.multiply(x, y, into: target, plus: Matrix(repeating: Buffer(bias), rows: m))
                expectClose(sum.array, biased, absolute: 1e-6 * Float(k), "plus a bias, \(i), \(j)")
            }
        }
    }

    /// Some rows of a product, plus a bias.
    ///
    /// Shape: (64, k) x (k, n) -> (rows, n)
    private func rows(_ rows: Range<Int>, of a: [Float], _ b: Matrix, k: Int, n: Int) -> [Float] {
        let product = Buffer(uninitialized: rows.count * n)
        Matmul.multiply(
            Matrix(Buffer(Array(a[rows.lowerBound * k..<rows.upperBound * k])), rows: rows.count, columns: k), b,
            into: Matrix(product, rows: rows.count, columns: n),
            plus: Matrix(repeating: Buffer(noise(n, seed: 3)), rows: rows.count))
        return product.array
    }

    @Test(
        "A row has the same bits in a product of one row as in one of many",
        arguments: [(100, 40), (513, 70), (1100, 33)])
    func rowsByThemselves(k: Int, n: Int) {
        let (a, b) = (noise(64 * k), Matrix(Buffer(noise(k * n, seed: 2)), rows: k, columns: n))
        let together = rows(0..<64, of: a, b, k: k, n: n)
        for some in [0..<1, 3..<5, 0..<7, 8..<48, 10..<64] {
            #expect(
                rows(some, of: a, b, k: k, n: n) == Array(together[some.lowerBound * n..<some.upperBound * n]),
                "rows \(some)")
        }
    }

    @Test(
        "With a transposed right operand a row has the same bits in all skinny products, and in all packed ones",
        arguments: [(100, 40), (513, 70), (1100, 33)])
    func rowsByThemselvesTransposed(k: Int, n: Int) {
        let limit = SkinnyMatmul.rowLimit
        let (a, b) = (noise(64 * k), Matrix(Buffer(noise(n * k, seed: 2)), rows: n, columns: k).transposed)
        let (skinny, packed) = (rows(0..<limit, of: a, b, k: k, n: n), rows(0..<64, of: a, b, k: k, n: n))
        for (together, ranges) in [(skinny, [0..<1, 3..<5, 0..<7, 8..<limit]), (packed, [0..<limit + 1, 10..<64])] {
            for some in ranges {
                #expect(
                    rows(some, of: a, b, k: k, n: n) == Array(together[some.lowerBound * n..<some.upperBound * n]),
                    "rows \(some)")
            }
        }
        // The two round differently, by no more than that.
        expectClose(skinny, Array(packed[..<(limit * n)]), absolute: 1e-6 * Float(k))
    }

    @Test(
        "The parts of a partition cover the product exactly once, and are no more than two for each thread",
        arguments: [(1, 1), (12, 32), (13, 33), (100, 97), (768, 384), (65, 700), (4096, 65)], [1, 2, 3, 7, 16, 64])
    func partition(size: (rows: Int, columns: Int), threads: Int) {
        for (depth, packsRows) in [1, 128, 1 << 16].flatMap({ [($0, false), ($0, true)] }) {
            let partition = MatmulPartition(
                rows: size.rows, columns: size.columns, depth: depth, threads: threads, packsRows: packsRows)
            var visits = [Int](repeating: 0, count: size.rows * size.columns)
            for part in 0..<partition.count {
                for row in partition.rows(part) {
                    for column in partition.columns(part) { visits[row * size.columns + column] += 1 }
                }
            }
            #expect(visits.allSatisfy { $0 == 1 })
            #expect(partition.count <= 2 * threads)
        }
    }
}
