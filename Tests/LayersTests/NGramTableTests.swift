import Autograd
import Testing

@testable import Layers

@Suite("Tables of n-grams")
struct NGramTableTests {
    private static func table(order: Int, vocabulary: Int) -> NGramTable {
        NGramTable(ParameterList(seed: 1), order: order, vocabulary: vocabulary, width: 4)
    }

    @Test("In a small vocabulary every n-gram has a row of its own, also those that begin before the text")
    func exact() {
        for order in [2, 3] {
            let vocabulary = 5
            let table = Self.table(order: order, vocabulary: vocabulary)
            var rows: [[Int32]: Int32] = [:]
            let tokens = (0..<600).map { Int32(($0 * $0 / 3 + $0 / 7) % vocabulary) }
            for (index, row) in table.rows(of: tokens, length: 6).enumerated() {
                let start = index % 6
                let gram = (0..<order).map { $0 > start ? -1 : tokens[index - $0] }
                #expect(rows[gram, default: row] == row)
                rows[gram] = row
            }
            #expect(Set(rows.values).count == rows.count)
            #expect(rows.values.allSatisfy { $0 >= 0 && $0 < Int32(table.weight.shape[0]) })
        }
        #expect(Self.table(order: 2, vocabulary: 65).weight.shape == [66 * 65, 4])
    }

    @Test("In a large vocabulary n-grams share a fixed number of rows, evenly", arguments: [2, 3])
    func hashed(order: Int) {
        let table = Self.table(order: order, vocabulary: 3000)
        #expect(table.weight.shape == [16384, 4])
        var random = RandomStream(seed: 1, purpose: .data)
        let tokens = (0..<200_000).map { _ in Int32(random.below(3000)) }
        let rows = table.rows(of: tokens, length: 100)
        var uses = [Int](repeating: 0, count: 16384)
        for row in rows { uses[Int(row)] += 1 }
        // 12.2 on average, with a standard deviation of 3.5.
        #expect(uses.min()! > 0 && uses.max()! < 40)
    }

    @Test("Rows of a table get the gradient that a dense one gets, when picked twice and from two losses, too")
    func gradient() {
        let values = (0..<24).map { Float($0 % 7) - 3 }
        let weights = Tensor((0..<20).map { Float($0 % 5) - 2 }, shape: [5, 4])
        let (sparse, dense) = (Tensor.parameter(values, shape: [6, 4]), Tensor.parameter(values, shape: [6, 4]))
        func losses(_ rows: ([Int32]) -> Tensor) -> [Tensor] {
            [[4, 1, 4, 0, 4], [1, 5, 5, 5, 2]].map { (rows($0) * weights).tanh().sum() }
        }
        let (a, b) = (losses { sparse.sparseRows($0, shape: [5]) }, losses { dense.rows($0, shape: [5]) })
        #expect(zip(a, b).allSatisfy { $0.scalar == $1.scalar })
        let ofOne = a[0].gradients()
        #expect(ofOne.rows(of: sparse)?.rows == [4, 1, 0])
        var (ofTwo, expected) = (ofOne, b[0].gradients())
        #expect(ofOne[sparse].values == expected[dense].values)
        ofTwo += a[1].gradients()
        expected += b[1].gradients()
        #expect(ofTwo[sparse].values == expected[dense].values)
        // Both uses in one graph.
        let (c, d) = (losses { sparse.sparseRows($0, shape: [5]) }, losses { dense.rows($0, shape: [5]) })
        #expect((c[0] + c[1]).gradients()[sparse].values == (d[0] + d[1]).gradients()[dense].values)
    }

    @Test(
        "A table that is also used densely gets both gradients, and any optimizer of dense gradients sees that of its rows"
    )
    func denseAndSparse() {
        let values: [Float] = [1, -2, 3, 4, -5, 6]
        let (table, dense) = (Tensor.parameter(values, shape: [3, 2]), Tensor.parameter(values, shape: [3, 2]))
        let gradients = (table.sparseRows([2, 0, 2], shape: [3]).sum() + table.power(2).sum()).gradients()
        let expected = (dense.rows([2, 0, 2], shape: [3]).sum() + dense.power(2).sum()).gradients()
        #expect(gradients[table].values == expected[dense].values)
        #expect(gradients.buffer(for: table)?.array == expected[dense].values)
        #expect(
            (table.sparseRows([], shape: [0]).sum() + table.sparseRows([], shape: [0]).sum()).gradients()[table].values
                == [Float](repeating: 0, count: 6))
    }

    @Test("Of a constant table, rows are what they are without gradients")
    func constant() {
        let table = Tensor([1, 2, 3, 4], shape: [2, 2])
        #expect(table.sparseRows([1, 0, 1], shape: [3]).values == [3, 4, 1, 2, 3, 4])
    }
}
