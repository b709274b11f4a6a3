import Testing

@testable import Kernels

@Suite("Sizes that do not fit")
struct RequireTests {
    /// Calls of entry points with arguments that would read or write beyond a buffer, and the messages that end them.
    static let messages = [
        "crossEntropyTarget": "a target is not in -1..<3", "embeddingIndex": "an index is not in 0..<2",
        "cacheFill": "0 floats of -1 positions do not fit", "cachePosition": "12 floats at position -1 of a cache",
        "cacheWeights": "-1 weights of head 0, text 0", "emptyCache": "a cache of AttentionShape",
        "repeatedRow": "a matrix of -1 rows", "peak": "computed -1 times", "product": "(2, 3) x (2, 3) is not (2, 3)",
        "decodeNoTable": "an embedding of no tables", "decodeEmbedding": "of other widths than 2",
        "decodePosition": "1 rows at position 4",
        "decodeShards": "with shards of 2 sections, expected 1", "negativeCount": "a parallel-for of -1 indices",
        "chunkSize": "the chunk size must be positive, got 0",
        "stride": "a copy from 0...6 of 6 to 0...1 of 6", "reduction": "6 elements along an axis of 4 with 1 inside",
        "batch": "2 x (1, 3) x (3, 2): got 6 and 6 elements for 6",
        "decodeToken": "row 3 is not in 0..<3",
    ]

    @Test("An entry point of a kernel ends the process with the sizes it was given", arguments: messages.keys.sorted())
    func message(call: String) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [call] in
            misuse(call)
        }
        expectMessage(try #require(Self.messages[call]), result)
    }
}

private func misuse(_ call: String) {
    let six = Buffer([1, 2, 3, 4, 5, 6])
    let shape = AttentionShape(batch: 1, heads: 2, time: 4, headWidth: 2)
    switch call {
    case "crossEntropyTarget":
        CrossEntropyKernel.backward(
            logits: six, targets: [0, 3], logSums: Buffer([1, 1]), scale: 1, gradient: Buffer(repeating: 0, count: 6))
    case "embeddingIndex":
        EmbeddingKernel.gather(six, width: 3, indices: [2], output: Buffer([1, 2, 3]))
    case "cacheFill": KeyValueCache(shape).fill(from: Buffer([]), time: -1)
    case "cachePosition":
        KeyValueCache(shape).attend(
            Buffer(repeating: 1, count: 12), position: -1, output: Buffer(repeating: 0, count: 4))
    case "cacheWeights": _ = KeyValueCache(shape).lastWeights(text: 0, head: 0, count: -1)
    case "emptyCache": _ = KeyValueCache(AttentionShape(batch: 1, heads: 1, time: 0, headWidth: 1))
    case "repeatedRow": _ = Matrix(repeating: six, rows: -1)
    case "peak": _ = PeakSpeed.exercise(repetitions: -1)
    case "product":
        let x = Matrix(six, rows: 2, columns: 3)
        Matmul.multiply(x, x, into: x)
    case "stride": StridedKernel.copy(six, to: six, axes: [.init(size: 2, source: 6, target: 1)])
    case "reduction": AxisKernel.reduce(.sum, six, size: 4, inner: 1, output: six)
    case "batch": Matmul.multiplyBatch(2, six, six, m: 1, k: 3, n: 2, into: six)
    case "decodeNoTable":
        _ = DecodeProgram(texts: 1, shards: 1, capacity: 1).embed([], positions: nil)
    case "decodeEmbedding":
        _ = DecodeProgram(texts: 1, shards: 1, capacity: 1)
            .embed([Matrix(six, rows: 2, columns: 3).transposed], positions: nil)
    case "decodePosition", "decodeToken":
        let program = DecodeProgram(texts: 1, shards: 1, capacity: 4)
        let x = program.embed([Matrix(six, rows: 3, columns: 2)], positions: nil)
        program.logits(x, Matrix(six, rows: 2, columns: 3))
        program.compiled().run([3], position: call == "decodeToken" ? 0 : 4)
    case "decodeShards":
        let program = DecodeProgram(texts: 1, shards: 1, capacity: 1)
        let x = program.embed([Matrix(six, rows: 2, columns: 3)], positions: nil)
        let queryKeyValue = program.columnParallel(x, Matrix(six, rows: 3, columns: 2), bias: nil, sections: 2)
        _ = program.gelu(queryKeyValue)
    case "negativeCount": Parallel.forEach(-1) { _ in }
    case "chunkSize": Parallel.forEachChunk(of: [1], size: 0) { _, _ in }
    default: break
    }
}
