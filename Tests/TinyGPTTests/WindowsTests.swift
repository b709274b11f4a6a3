import Testing

@testable import TinyGPT

@Suite("Windows to validate on")
struct WindowsTests {
    @Test("Windows come in order in batches of one length, the short one last and alone")
    func batches() {
        let batches = Array(Windows(tokens: TokenArray((0..<12).map(Int32.init)), context: 3, batch: 2))
        #expect(
            batches == [
                .init(inputs: [0, 1, 2, 3, 4, 5], targets: [1, 2, 3, 4, 5, 6], rows: 2, length: 3, overlap: 0),
                .init(inputs: [6, 7, 8], targets: [7, 8, 9], rows: 1, length: 3, overlap: 0),
                .init(inputs: [9, 10], targets: [10, 11], rows: 1, length: 2, overlap: 0),
            ])
    }

    @Test("Windows that overlap begin one stride apart, and only the first predicts all of its tokens")
    func overlap() {
        let batches = Array(
            Windows(tokens: TokenArray((0..<9).map(Int32.init)), context: 4, batch: 2, stride: 1))
        #expect(
            batches == [
                .init(inputs: [0, 1, 2, 3], targets: [1, 2, 3, 4], rows: 1, length: 4, overlap: 0),
                .init(
                    inputs: [1, 2, 3, 4, 2, 3, 4, 5], targets: [2, 3, 4, 5, 3, 4, 5, 6], rows: 2, length: 4, overlap: 3),
                .init(
                    inputs: [3, 4, 5, 6, 4, 5, 6, 7], targets: [4, 5, 6, 7, 5, 6, 7, 8], rows: 2, length: 4, overlap: 3),
            ])
    }

    @Test("With any stride, every token but the first counts once, in order, after enough tokens")
    func strides() {
        for count in 0...30 {
            for context in 1...7 {
                for stride in 1...context {
                    for batch in 1...3 {
                        let windows = Windows(
                            tokens: TokenArray((0..<count).map(Int32.init)), context: context, batch: batch,
                            stride: stride)
                        var counted: [Int32] = []
                        for window in windows {
                            #expect(window.rows <= batch && window.length <= context)
                            #expect(window.targets == window.inputs.map { $0 + 1 })
                            for (index, target) in window.targets.enumerated()
                            where index % window.length >= window.overlap {
                                counted.append(target)
                                // The target's own predecessor is one of those before it.
                                #expect(index % window.length + 1 >= min(Int(target), context - stride + 1))
                            }
                        }
                        #expect(counted == (count > 1 ? (1..<count).map(Int32.init) : []))
                        #expect(windows.reduce(0) { $0 + $1.predictionCount } == windows.predictionCount)
                    }
                }
            }
        }
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
