import Testing

@testable import Kernels

@Suite("Matrix products")
struct MatmulTests {
    @Test(
        "A product in every form equals its definition, at sizes around the edges of tiles and blocks",
        arguments: [
            (1, 1, 1), (1, 65, 33), (2, 7, 31), (3, 513, 130), (8, 32, 300), (9, 100, 12), (12, 32, 32), (13, 33, 65),
            (31, 7, 11), (100, 70, 97), (37, 1100, 33),
        ])
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
        for (i, x) in left.enumerated() {
            for (j, y) in right.enumerated() {
                let product = Buffer(repeating: .nan, count: m * n)
                Matmul.multiply(x, y, into: Matrix(product, rows: m, columns: n))
                expectClose(product.array, expected, absolute: 1e-6 * Float(k), "left form \(i), right form \(j)")
                let sum = Buffer(start)
                Matmul.multiply(x, y, into: Matrix(sum, rows: m, columns: n), accumulate: true)
                expectClose(sum.array, zip(start, expected).map(+), absolute: 1e-6 * Float(k), "added, \(i), \(j)")
            }
        }
    }
}
