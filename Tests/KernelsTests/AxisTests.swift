import Testing

@testable import Kernels

@Suite("Kernels that work along axes")
struct AxisTests {
    /// (outer, size, inner), around a register and around the blocks of threads.
    static let shapes = [
        (1, 1, 1), (3, 1, 5), (2, 5, 1), (7, 33, 1), (2, 20_001, 1), (1, 3, 7), (5, 4, 17), (2, 9, 150), (300, 16, 16),
    ]

    @Test("Sums and maxima along an axis, and the gradient of the maximum, equal their definitions", arguments: shapes)
    func reduction(outer: Int, size: Int, inner: Int) {
        // Few different values, so that the largest is there several times.
        let x = noise(outer * size * inner).map { ($0 * 4).rounded() }
        let incoming = noise(outer * inner, seed: 2)
        let (sums, maxima) = (
            Buffer(repeating: .nan, count: outer * inner), Buffer(repeating: .nan, count: outer * inner)
        )
        AxisKernel.reduce(.sum, Buffer(x), size: size, inner: inner, output: sums)
        expectClose(sums.array, Reference.sumAxis(x, size: size, inner: inner))
        AxisKernel.reduce(.maximum, Buffer(x), size: size, inner: inner, output: maxima)
        #expect(maxima.array == Reference.maximumAxis(x, size: size, inner: inner))
        let gradient = Buffer(repeating: .nan, count: x.count)
        AxisKernel.maximumGradient(
            Buffer(x), size: size, inner: inner, output: maxima, outputGradient: Buffer(incoming),
            inputGradient: gradient)
        #expect(
            gradient.array == Reference.maximumAxisGradient(x, size: size, inner: inner, outputGradient: incoming))
    }

    @Test("A maximum is NaN where an element is, and -infinity of no elements; a sum of none is 0")
    func specialMaxima() {
        let x: [Float] = [1, .nan, 3, 4, 5, .infinity]
        let (rows, columns) = (Buffer(repeating: 0, count: 2), Buffer(repeating: 0, count: 3))
        AxisKernel.reduce(.maximum, Buffer(x), size: 3, inner: 1, output: rows)
        #expect(rows[0].isNaN && rows[1] == .infinity)
        AxisKernel.reduce(.maximum, Buffer(x), size: 2, inner: 3, output: columns)
        #expect(columns[0] == 4 && columns[1].isNaN && columns[2] == .infinity)
        for (reduction, expected) in [(AxisKernel.Reduction.sum, 0), (.maximum, -Float.infinity)] {
            AxisKernel.reduce(reduction, Buffer([]), size: 0, inner: 3, output: columns)
            #expect(columns.array == [expected, expected, expected])
        }
    }

    /// The sizes of an array, and the order in which a copy takes its axes.
    static let orders = [
        ([1, 1, 1, 1], [0, 1, 2, 3]), ([37, 50], [1, 0]), ([2, 3, 4, 5], [3, 2, 1, 0]), ([2, 3, 4, 5], [0, 2, 1, 3]),
        ([3, 70, 20], [0, 2, 1]), ([3, 70, 20], [2, 1, 0]), ([3, 70, 20], [1, 0, 2]), ([129, 65, 2], [1, 2, 0]),
        ([9], [0]),
        ([], []),
    ]

    @Test(
        "A copy with strides equals its definition: axes in any order, parts of them, repeated ones", arguments: orders)
    func stridedCopy(sizes: [Int], order: [Int]) {
        let count = sizes.reduce(1, *)
        let (x, strides) = (noise(count), Self.strides(sizes))
        for (first, step, isRepeated) in [(0, 1, false), (1, 1, false), (0, 2, false), (0, 1, true)] {
            // Of each axis the indices from `first` on, or every second one.
            let kept = order.map { max(0, (sizes[$0] - first + step - 1) / step) }
            guard kept.allSatisfy({ $0 > 0 }) else { continue }
            let from = order.enumerated().map { isRepeated && $0.offset % 2 == 0 ? 0 : strides[$0.element] * step }
            let start = order.reduce(0) { $0 + strides[$1] * first }
            let to = Self.strides(kept)
            let target = Buffer(repeating: .nan, count: kept.reduce(1, *))
            StridedKernel.copy(
                Buffer(x), from: start, to: target,
                axes: kept.indices.map { .init(size: kept[$0], source: from[$0], target: to[$0]) })
            let expected = Reference.strided(x, from: start, sizes: kept, strides: from)
            #expect(target.array == expected, "from \(first) by \(step), repeated: \(isRepeated)")

            // The way back, to where the elements came from.
            guard !isRepeated else { continue }
            let back = Buffer(repeating: 0, count: count)
            StridedKernel.copy(
                target, to: back, at: start,
                axes: kept.indices.map { .init(size: kept[$0], source: to[$0], target: from[$0]) })
            #expect(Reference.strided(back.array, from: start, sizes: kept, strides: from) == expected)
            #expect(back.array.count { $0 != 0 } == expected.count { $0 != 0 })
        }
    }

    private static func strides(_ sizes: [Int]) -> [Int] {
        sizes.indices.map { sizes[($0 + 1)...].reduce(1, *) }
    }

    @Test(
        "The products of a batch equal their definition, operands transposed or not",
        arguments: [(1, 1, 1, 1), (3, 2, 5, 7), (5, 33, 7, 16), (2, 1, 600, 3), (2, 130, 257, 129)])
    func batch(count: Int, m: Int, k: Int, n: Int) {
        let (a, b) = (noise(count * m * k), noise(count * k * n, seed: 2))
        func matrices(_ x: [Float], _ size: Int) -> [[Float]] {
            (0..<count).map { Array(x[$0 * size..<($0 + 1) * size]) }
        }
        let pairs = zip(matrices(a, m * k), matrices(b, k * n))
        let expected = pairs.flatMap { Reference.matmul($0, $1, m: m, k: k, n: n) }
        for (left, right) in [(false, false), (true, false), (false, true), (true, true)] {
            let x = left ? matrices(a, m * k).flatMap { Reference.transpose($0, rows: m, columns: k) } : a
            let y = right ? matrices(b, k * n).flatMap { Reference.transpose($0, rows: k, columns: n) } : b
            let product = Buffer(repeating: .nan, count: count * m * n)
            Matmul.multiplyBatch(
                count, Buffer(x), Buffer(y), m: m, k: k, n: n, leftTransposed: left, rightTransposed: right,
                into: product)
            expectClose(product.array, expected, relative: 1e-5, absolute: 1e-4)
        }
    }
}
