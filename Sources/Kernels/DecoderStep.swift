/// A transformer at work on one new character of each of a few texts, with the keys and values of those before it kept.
///
/// With so few rows a matrix product is a walk through the weight, as fast as memory delivers it. So the threads, as many as
/// there are heads at most, make the whole step together, each with its own part of every weight, which stays in the caches
/// of its core. Nothing is allocated for a character.
package final class DecoderStep {
    private let blocks: UnsafeMutableBufferPointer<BlockStep>
    private let capacity: Int
    private let threads: Int
    /// What every thread does, given how many characters are kept so far.
    private let program: ParallelTeam.Program
    /// What the program's addresses lie in.
    private let buffers: [Buffer]

    /// Weights below which a further thread costs more than it saves.
    private static let weightsPerThread = 1 << 17

    /// Prepares the step. Who does so holds the parameters for as long as it is used.
    ///
    /// Shape: `h` (N, C) -> `logits` (N, V)
    ///
    /// - Parameters:
    ///   - blocks: The blocks.
    ///   - norm: What comes after them.
    ///   - head: What makes logits of it.
    ///   - shape: The sizes; the time is how many characters can be kept.
    ///   - h: Where the new characters will be.
    ///   - logits: Where the logits of the characters after them will be.
    package init(
        _ blocks: [BlockStep], norm: NormStep, head: LinearStep, _ shape: AttentionShape, h: Buffer, logits: Buffer
    ) {
        let weights = blocks.reduce(head.count) { $0 + $1.count }
        threads = max(1, min(shape.heads, weights / Self.weightsPerThread))
        let headThreads = max(1, min(threads, head.count / Self.weightsPerThread))
        let memory = Buffer(uninitialized: StepMemory.count(shape, threads: threads))
        capacity = shape.time
        buffers = [h, logits, memory]
        // An array would be counted by every thread that goes through it.
        let steps = UnsafeMutableBufferPointer<BlockStep>.allocate(capacity: blocks.count)
        _ = steps.initialize(from: blocks)
        self.blocks = steps

        let output = Matrix(logits, rows: shape.batch, columns: logits.count / shape.batch).elements
        let (input, start) = (h.pointer, memory.pointer)
        program = { share, position in
            let memory = StepMemory(shape, start, thread: share.number)
            memory.h.start.update(from: input, count: shape.batch * shape.channels)
            for step in steps { step.run(memory, position: position, shape, share) }
            let outputs = share.range(of: output.columns, among: headThreads)
            guard !outputs.isEmpty else { return }
            norm.run(memory.h, into: memory.normalised)
            head.run(memory.normalised, into: output, outputs: outputs)
        }
    }

    deinit { blocks.deallocate() }

    /// Computes the logits of the characters after the new ones.
    ///
    /// - Parameter position: How many characters are kept so far.
    package func run(position: Int) {
        require(position < capacity, "position \(position) of a cache of \(capacity)")
        Parallel.together(upTo: threads, position, program)
    }
}
