/// A transformer at work on one new character of each of a few texts, with the keys and values of those before it kept.
///
/// With so few rows a matrix product is a walk through the weight, as fast as memory delivers it. So the threads, as many as
/// there are heads at most, make the whole step together, each with its own part of every weight, which stays in the caches
/// of its core. No buffer is allocated.
package struct DecoderStep {
    private let shape: AttentionShape
    private let blocks: [BlockStep]
    private let norm: NormStep
    private let head: LinearStep
    private let threads: Int
    /// How many of them make the logits.
    private let headThreads: Int
    private let memory: Buffer

    /// Weights below which a further thread costs more than it saves.
    private static let weightsPerThread = 1 << 17

    /// Prepares the step. Who does so holds the parameters for as long as it is used.
    ///
    /// - Parameters:
    ///   - blocks: The blocks.
    ///   - norm: What comes after them.
    ///   - head: What makes logits of it.
    ///   - shape: The sizes; the time is how many characters can be kept.
    package init(_ blocks: [BlockStep], norm: NormStep, head: LinearStep, _ shape: AttentionShape) {
        (self.blocks, self.norm, self.head, self.shape) = (blocks, norm, head, shape)
        let weights = blocks.reduce(head.count) { $0 + $1.count }
        threads = max(1, min(shape.heads, weights / Self.weightsPerThread))
        headThreads = max(1, min(threads, head.count / Self.weightsPerThread))
        memory = Buffer(uninitialized: StepMemory.count(shape, threads: threads))
    }

    /// Computes the logits of the characters after the new ones.
    ///
    /// Shape: `h` (N, C) -> `logits` (N, V)
    ///
    /// - Parameters:
    ///   - h: The new characters.
    ///   - position: How many characters are kept so far.
    ///   - logits: The logits.
    package func run(_ h: Buffer, position: Int, logits: Buffer) {
        require(position < shape.time, "position \(position) of a cache of \(shape.time)")
        let output = Matrix(logits, rows: shape.batch, columns: logits.count / shape.batch).elements
        let (input, start, shape, norm, head, headThreads) = (h.pointer, memory.pointer, shape, norm, head, headThreads)
        blocks.withUnsafeBufferPointer { blocks in
            Parallel.together(upTo: threads) { share in
                let memory = StepMemory(shape, start, thread: share.number)
                memory.h.start.update(from: input, count: shape.batch * shape.channels)
                for block in blocks { block.run(memory, position: position, shape, share) }
                let outputs = share.range(of: output.columns, among: headThreads)
                guard !outputs.isEmpty else { return }
                norm.run(memory.h, into: memory.normalised)
                head.run(memory.normalised, into: output, outputs: outputs)
            }
        }
    }
}
