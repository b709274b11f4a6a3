extension Page {
    /// Checks a result against a known number, and prints both.
    ///
    /// - Parameters:
    ///   - name: What the number is, to begin a line with.
    ///   - value: The result.
    ///   - expected: The known number.
    ///   - tolerance: The largest difference allowed.
    ///   - digits: Decimals to print.
    ///   - source: Where the known number is from: "expected", or "published".
    func check(
        _ name: String, _ value: some BinaryFloatingPoint, is expected: Double, within tolerance: Double,
        digits: Int = 4, source: String = "expected"
    ) {
        check(
            "\(name): \(value.fixed(digits)), \(source) \(expected.fixed(digits))",
            abs(Double(value) - expected) <= tolerance)
    }

    /// Checks that a result is large enough, and prints both numbers.
    func check(_ name: String, _ value: some BinaryFloatingPoint, atLeast bound: Double, digits: Int = 4) {
        check("\(name): \(value.fixed(digits)), at least \(bound.fixed(digits))", Double(value) >= bound)
    }

    /// Checks that a result is small enough, and prints both numbers.
    func check(_ name: String, _ value: some BinaryFloatingPoint, atMost bound: Double, digits: Int = 4) {
        check("\(name): \(value.fixed(digits)), at most \(bound.fixed(digits))", Double(value) <= bound)
    }
}
