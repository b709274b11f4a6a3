import Foundation
import Testing

@testable import Kernels

@Suite("The decode program")
struct DecodeProgramTests {
    static let texts = 2, heads = 4, headWidth = 40, capacity = 9, vocabulary = 50, hidden = 352
    static var width: Int { heads * headWidth }

    /// Weights of one block with every instruction; together enough to be worth two threads.
    private struct Weights {
        let table = noise(vocabulary * width, seed: 1), positions = noise(capacity * width, seed: 2, scale: 0.1)
        let gain = noise(width, seed: 3), shift = noise(width, seed: 4)
        let queryKeyValue = noise(width * 3 * width, seed: 5, scale: 0.1), bias = noise(3 * width, seed: 6)
        let queryGain = noise(headWidth, seed: 7), keyGain = noise(headWidth, seed: 8)
        let projection = noise(width * width, seed: 9, scale: 0.1), projectionBias = noise(width, seed: 10)
        let up = noise(width * 4 * width, seed: 11, scale: 0.1), down = noise(4 * width * width, seed: 12, scale: 0.1)
        let gateUp = noise(width * 2 * hidden, seed: 13, scale: 0.1)
        let gatedDown = noise(hidden * width, seed: 14, scale: 0.1)
        let head = noise(vocabulary * width, seed: 15), second = noise(7 * width, seed: 16)
    }

    /// The new tokens of every step.
    private static let tokens = (0..<capacity).map { step in
        (0..<texts).map { Int32((7 * step + 11 * $0) % vocabulary) }
    }

    /// The recorded program.
    static func program(weights: WeightFormat = .f32) -> CompiledDecodeProgram {
        let w = Weights()
        func matrix(_ values: [Float], _ rows: Int) -> Matrix {
            Matrix(Buffer(values), rows: rows, columns: values.count / rows)
        }
        let cache = KeyValueCache(AttentionShape(batch: texts, heads: heads, time: capacity, headWidth: headWidth))
        let program = DecodeProgram(texts: texts, shards: heads, capacity: capacity, weights: weights)
        let h = program.embed(
            [matrix(w.table, vocabulary), matrix(w.second, 7)], positions: matrix(w.positions, capacity))
        program.scope {
            let x = program.layerNorm(h, weight: Buffer(w.gain), bias: Buffer(w.shift))
            let mixed = program.columnParallel(x, matrix(w.queryKeyValue, width), bias: Buffer(w.bias), sections: 3)
            let rotations = Buffer(Reference.rotations(time: capacity, headWidth: headWidth))
            program.rotary(
                mixed,
                RotaryKernel.Operands(
                    queryGain: Buffer(w.queryGain), keyGain: Buffer(w.keyGain), rotations: rotations))
            program.addRowParallel(
                program.attend(mixed, cache), matrix(w.projection, width), bias: Buffer(w.projectionBias), to: h)
        }
        program.scope {
            let wide = program.columnParallel(h, matrix(w.up, width), bias: nil)
            program.addRowParallel(program.gelu(wide), matrix(w.down, 4 * width), bias: nil, to: h)
        }
        program.scope {
            let x = program.rmsNorm(h, weight: Buffer(w.gain))
            let wide = program.columnParallel(x, matrix(w.gateUp, width), bias: nil, sections: 2)
            program.addRowParallel(program.swiGLU(wide), matrix(w.gatedDown, hidden), bias: nil, to: h)
        }
        program.logits(h, matrix(w.head, vocabulary).transposed)
        return program.compiled()
    }

    /// The logits of every step, and the most threads that took part in one.
    static func run(
        _ program: CompiledDecodeProgram, on pool: ThreadPool = .shared
    ) -> (logits: [[Float]], threads: Int) {
        var threads = 0
        let logits = tokens.enumerated().map { position, tokens in
            threads = max(threads, program.run(tokens + tokens.map { $0 % 7 }, position: position, on: pool))
            return program.logits.array
        }
        return (logits, threads)
    }

    /// The same by definitions, a text at a time.
    private static func expected(weights: WeightFormat) -> [[Float]] {
        let w = Weights()
        func product(_ x: [Float], _ weight: [Float], _ inputs: Int, plus bias: [Float]? = nil) -> [Float] {
            let columns = weight.count / inputs
            return Reference.matmul(
                x, read(weight, columns: columns, as: weights), m: 1, k: inputs, n: columns, plus: bias)
        }
        func sum(_ a: [Float], _ b: [Float]) -> [Float] { Reference.combine(.add, a, b) }
        let head = Reference.transpose(w.head, rows: vocabulary, columns: width)
        let ofTexts = (0..<texts).map { text in
            var history: [Float] = []
            return (0..<capacity).map { position in
                let token = Reference.embedding(w.table, width: width, indices: [tokens[position][text]])
                let second = Reference.embedding(w.second, width: width, indices: [tokens[position][text] % 7])
                var h = sum(sum(token, second), Array(w.positions[position * width..<(position + 1) * width]))
                let x = Reference.layerNorm(h, weight: w.gain, bias: w.shift)
                history += product(x, w.queryKeyValue, width, plus: w.bias)
                let shape = AttentionShape(batch: 1, heads: heads, time: position + 1, headWidth: headWidth)
                let rotated = Reference.rotary(history, shape, queryGain: w.queryGain, keyGain: w.keyGain)
                let headOutputs = Array(Reference.attention(rotated, shape).output.suffix(width))
                h = sum(h, product(headOutputs, w.projection, width, plus: w.projectionBias))
                let active = product(h, w.up, width).map { Float(Reference.gelu(Double($0))) }
                h = sum(h, product(active, w.down, 4 * width))
                let wide = product(Reference.rmsNorm(h, weight: w.gain), w.gateUp, width)
                h = sum(h, product(Reference.swiGLU(wide, hidden: hidden), w.gatedDown, hidden))
                return product(h, head, width)
            }
        }
        return (0..<capacity).map { position in (0..<texts).flatMap { ofTexts[$0][position] } }
    }

    /// A weight as the steps of a program read it.
    static func read(_ weight: [Float], columns: Int, as format: WeightFormat) -> [Float] {
        switch format {
        case .f32: weight
        case .bf16: Reference.bfloat16(weight)
        case .q8: Reference.int8(weight, columns: columns)
        }
    }

    /// Waits for the pool's first worker, at most a tenth of a second. It stays awake for a moment: a region that begins then has it.
    /// One that begins without it calls it, but where a step takes long, as under the thread sanitizer, it sleeps again before the
    /// next.
    private static func awaitWorker(of pool: ThreadPool) {
        let hasCome = PaddedAtomic()
        let deadline = Date(timeIntervalSinceNow: 0.1)
        pool.forEach(2, workers: 1, workspace: 0) { index, _ in
            // The owner takes the first index, and a worker the last.
            if index == 1 { hasCome.word.store(1, ordering: .relaxed) }
            while hasCome.word.load(ordering: .relaxed) == 0 && Date() < deadline {}
        }
    }

    @Test("Every instruction computes what its definition does, at every position", arguments: WeightFormat.allCases)
    func definition(weights: WeightFormat) {
        let (logits, expected) = (Self.run(Self.program(weights: weights)).logits, Self.expected(weights: weights))
        for (position, (actual, expected)) in zip(logits, expected).enumerated() {
            expectClose(actual, expected, relative: 1e-5, absolute: 1e-4, "position \(position)")
        }
    }

    @Test(
        "The logits have the same bits on two threads that do take part as on one",
        .enabled(if: Parallel.processors > 1))
    func threads() {
        // A pool of its own, since other tests use the shared one. A worker that gets no core takes no part: then once more, until
        // long after the other tests have ended.
        let pool = ThreadPool()
        let deadline = Date(timeIntervalSinceNow: 600)
        for weights in WeightFormat.allCases {
            let program = Self.program(weights: weights)
            let alone = Parallel.withThreads(1) { Self.run(program, on: pool) }
            #expect(alone.threads == 1)
            var most = 1
            repeat {
                Self.awaitWorker(of: pool)
                let (logits, threads) = Parallel.withThreads(2) { Self.run(program, on: pool) }
                #expect(logits == alone.logits)
                most = max(most, threads)
            } while most == 1 && Date() < deadline
            #expect(most == 2, "no step with weights as \(weights) ran on two threads within ten minutes")
        }
    }
}
