import Testing

@testable import Kernels

@Suite("Weights in fewer bits")
struct PackedWeightTests {
    /// Some columns of a product with a packed weight, plus a bias; the other columns are -1.
    ///
    /// Shape: (m, k) x (k, n) + (n) -> (m, n)
    private func product<Element: PackedElement>(
        _ type: Element.Type, _ x: [Float], _ weight: Matrix, columns: Range<Int>, plus bias: [Float]
    ) -> [Float] {
        let packed = PackedWeight<Element>(weight)
        let (k, n) = (packed.view.rows, packed.view.columns)
        let rows = x.count / k
        let left = Matrix(Buffer(x), rows: rows, columns: k)
        let addend = Matrix(repeating: Buffer(bias), rows: rows)
        let output = Buffer(repeating: -1, count: rows * n)
        withExtendedLifetime((packed, left, addend)) {
            packed.view.multiply(
                left.view, columns: columns, into: Matrix(output, rows: rows, columns: n).view, plus: addend.view)
        }
        return output.array
    }

    private func product(
        _ format: WeightFormat, _ x: [Float], _ weight: Matrix, columns: Range<Int>, plus bias: [Float]
    ) -> [Float] {
        format == .bf16
            ? product(BFloat16.self, x, weight, columns: columns, plus: bias)
            : product(Int8.self, x, weight, columns: columns, plus: bias)
    }

    @Test(
        "The stored weights are those of the definition, to the bit, also where columns are 0 or tiny",
        arguments: [WeightFormat.bf16, .q8], [(1, 1), (7, 65), (33, 40), (16, 200)])
    func stored(format: WeightFormat, size: (k: Int, n: Int)) {
        let (k, n) = size
        var weight = noise(k * n, seed: 2)
        for row in 0..<k {
            weight[row * n] = 0
            weight[row * n + n - 1] *= 1e-30
        }
        // Halfway between two numbers of 8 bits.
        weight[n / 2] = 1 + 0x1p-8
        var identity = [Float](repeating: 0, count: k * k)
        for row in 0..<k { identity[row * k + row] = 1 }
        let zeros = [Float](repeating: 0, count: n)
        let actual = product(
            format, identity, Matrix(Buffer(weight), rows: k, columns: n), columns: 0..<n, plus: zeros)
        #expect(actual == DecodeProgramTests.read(weight, columns: n, as: format))
    }

    @Test(
        "A range of columns of a product is what the definition says, and nothing else is written",
        arguments: [WeightFormat.bf16, .q8], [1, 2, 3, 8])
    func ranges(format: WeightFormat, rows: Int) {
        let (k, n) = (50, 213)
        let (x, weight, bias) = (noise(rows * k), noise(k * n, seed: 2), noise(n, seed: 3))
        let expected = Reference.matmul(
            x, DecodeProgramTests.read(weight, columns: n, as: format), m: rows, k: k, n: n, plus: bias)
        let forms = [
            Matrix(Buffer(weight), rows: k, columns: n),
            Matrix(Buffer(Reference.transpose(weight, rows: k, columns: n)), rows: n, columns: k).transposed,
        ]
        for matrix in forms {
            for columns in [0..<n, 0..<1, 5..<6, 40..<80, 64..<128, 31..<213] {
                let actual = product(format, x, matrix, columns: columns, plus: bias)
                let inside = expected.enumerated().map { columns.contains($0 % n) ? $1 : -1 }
                expectClose(actual, inside, absolute: 1e-5, "columns \(columns)")
            }
        }
    }

    @Test(
        "An infinite weight gives an infinite product, rather than ending the process",
        arguments: [WeightFormat.bf16, .q8])
    func infinite(format: WeightFormat) {
        let weight = Matrix(Buffer([-1, .infinity, 1, 2]), rows: 4, columns: 1)
        #expect(product(format, [0, 1, 0, 0], weight, columns: 0..<1, plus: [0])[0].isFinite == false)
    }
}
