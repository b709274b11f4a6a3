extension Reference {
    /// The product of two matrices stored row after row, plus an addend if there is one.
    ///
    /// Shape: (m, k) x (k, n) + (m, n) -> (m, n); an addend of shape (n), a bias, is added to every row.
    package static func matmul(
        _ a: [Float], _ b: [Float], m: Int, k: Int, n: Int, plus addend: [Float]? = nil
    ) -> [Float] {
        var c = [Float](repeating: 0, count: m * n)
        for row in 0..<m {
            for column in 0..<n {
                var sum = addend.map { Double($0[(row * n + column) % $0.count]) } ?? 0
                for step in 0..<k { sum += Double(a[row * k + step]) * Double(b[step * n + column]) }
                c[row * n + column] = Float(sum)
            }
        }
        return c
    }

    /// Rows and columns exchanged.
    ///
    /// Shape: (rows, columns) -> (columns, rows)
    package static func transpose(_ a: [Float], rows: Int, columns: Int) -> [Float] {
        (0..<rows * columns).map { a[$0 % rows * columns + $0 / rows] }
    }
}
