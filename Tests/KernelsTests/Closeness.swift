import Testing

/// Numbers that look random and are the same every time. Made in a loop over memory, since a closure for each took a third of all
/// tests' time under the thread sanitizer.
func noise(_ count: Int, seed: UInt64 = 1, scale: Float = 1) -> [Float] {
    // All empty arrays share one storage, and the initializer below writes the count there: a data race, if only with itself.
    guard count > 0 else { return [] }
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    return [Float](unsafeUninitializedCapacity: count) { numbers, made in
        let first = numbers.baseAddress!
        while made < count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            first[made] = (Float(state >> 40) / Float(1 << 23) - 1) * scale
            made += 1
        }
    }
}

/// Expects two arrays to have the same length and every pair of numbers to differ by no more than `relative` times the
/// larger one plus `absolute`.
func expectClose(
    _ actual: [Float], _ expected: [Float], relative: Float = 1e-5, absolute: Float = 1e-6,
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.count == expected.count, comment, sourceLocation: sourceLocation)
    var worst: (index: Int, excess: Float) = (-1, 0)
    for (index, (a, b)) in zip(actual, expected).enumerated() where a != b {
        let excess = abs(a - b) - (relative * max(abs(a), abs(b)) + absolute)
        if !(excess <= 0), worst.index < 0 || excess > worst.excess { worst = (index, excess) }
    }
    if worst.index >= 0 {
        Issue.record(
            "element \(worst.index): got \(actual[worst.index]), expected \(expected[worst.index]). \(comment.map { "\($0)" } ?? "")",
            sourceLocation: sourceLocation)
    }
}

/// Expects that a process ended with a message on standard error; any other crash is a failure.
func expectMessage(
    _ message: String, _ result: ExitTest.Result?, sourceLocation: SourceLocation = #_sourceLocation
) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains(message), sourceLocation: sourceLocation)
}

@Suite("The comparison that these tests use")
struct ClosenessTests {
    @Test(
        "It refuses a difference, a number that is none, and another length", arguments: [[1, 2.1], [1, .nan], [1]])
    func refusal(actual: [Float]) {
        withKnownIssue { expectClose(actual, [1, 2]) }
    }

    @Test("It accepts what is within the tolerance")
    func acceptance() {
        expectClose([1, 2.000_001, .infinity], [1, 2, .infinity])
    }
}
