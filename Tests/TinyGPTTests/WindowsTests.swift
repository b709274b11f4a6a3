import Testing

@testable import TinyGPT

@Suite("Windows to validate on")
struct WindowsTests {
    @Test("Windows come in order in batches of one length, the short one last and alone")
    func batches() {
        let batches = Array(Windows(tokens: TokenArray((0..<12).map(Int32.init)), context: 3, batch: 2))
        #expect(
            batches == [
                .init(inputs: [0, 1, 2, 3, 4, 5], targets: [1, 2, 3, 4, 5, 6], rows: 2, length: 3),
                .init(inputs: [6, 7, 8], targets: [7, 8, 9], rows: 1, length: 3),
                .init(inputs: [9, 10], targets: [10, 11], rows: 1, length: 2),
            ])
    }

    @Test("Every token but the first is predicted exactly once, in order")
    func coverage() {
        for count in 0...40 {
            for context in 1...9 {
                for batch in 1...4 {
                    let windows = Windows(
                        tokens: TokenArray((0..<count).map(Int32.init)), context: context, batch: batch)
                    let expected = count > 1 ? (1..<count).map(Int32.init) : []
                    #expect(windows.flatMap(\.targets) == expected)
                    #expect(windows.flatMap(\.inputs) == expected.map { $0 - 1 })
                    #expect(windows.predictionCount == expected.count)
                    let shapesHold = windows.allSatisfy {
                        $0.rows * $0.length == $0.inputs.count && $0.rows <= batch && $0.length <= context
                    }
                    #expect(shapesHold)
                }
            }
        }
    }
}
