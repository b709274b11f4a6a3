/// A transformer block at work on one new character of each of N texts, with the keys and values of those before it kept.
///
/// A thread takes some of the heads, and as large a part of the feed-forward layer: what it computes there needs nothing of
/// what the others compute, and ends in a contribution of each part to the character. So the threads wait for each other
/// only twice, to add up all contributions, in the same order on every thread and at any number of threads.
package struct BlockStep {
    private let norm1: NormStep, norm2: NormStep
    private let queryKeyValue: LinearStep, projection: LinearStep
    private let up: LinearStep, down: LinearStep
    private let cache: KeyValueCache

    /// The block with these layers, which keeps keys and values in `cache`.
    package init(
        norm1: NormStep, queryKeyValue: LinearStep, projection: LinearStep, norm2: NormStep, up: LinearStep,
        down: LinearStep, cache: KeyValueCache
    ) {
        (self.norm1, self.queryKeyValue, self.projection) = (norm1, queryKeyValue, projection)
        (self.norm2, self.up, self.down) = (norm2, up, down)
        self.cache = cache
    }

    /// How many weights there are to walk through.
    var count: Int { queryKeyValue.count + projection.count + up.count + down.count }

    /// Does a thread's share of the block. Afterwards `memory.h` of every thread is the same.
    func run(_ memory: StepMemory, position: Int, _ shape: AttentionShape, _ share: Share) {
        let parts = share.range(of: shape.heads)

        norm1.run(memory.h, into: memory.normalised)
        for kind in 0..<3 {
            let first = kind * shape.channels
            queryKeyValue.run(
                memory.normalised, into: memory.queryKeyValue,
                outputs: first + parts.lowerBound * shape.headWidth..<first + parts.upperBound * shape.headWidth)
        }
        cache.attend(memory.queryKeyValue.start, position: position, heads: parts, output: memory.gathered.start)
        contribute(memory.gathered, through: projection, memory.ofAttention, parts)
        share.waitForOthers()
        collect(memory.ofAttention, through: projection, into: memory.h)

        norm2.run(memory.h, into: memory.normalised)
        let partWidth = memory.wide.columns / shape.heads
        let inner = parts.lowerBound * partWidth..<parts.upperBound * partWidth
        up.run(memory.normalised, into: memory.wide, outputs: inner)
        for row in 0..<memory.wide.rows {
            let line = memory.wide.row(row) + inner.lowerBound
            GELUKernel.forward(line, count: inner.count, output: line)
        }
        contribute(memory.wide, through: down, memory.ofFeedForward, parts)
        share.waitForOthers()
        collect(memory.ofFeedForward, through: down, into: memory.h)
    }

    /// Computes what each part of the inputs contributes.
    ///
    /// Shape: (N, inputs) -> contributions (parts N, C)
    private func contribute(
        _ x: MatrixElements, through layer: LinearStep, _ contributions: MatrixElements, _ parts: Range<Int>
    ) {
        let width = x.columns * x.rows / contributions.rows
        for part in parts {
            layer.run(
                x, inputs: part * width..<(part + 1) * width,
                into: contributions.rows(part * x.rows..<(part + 1) * x.rows))
        }
    }

    /// Adds the contributions of all parts.
    ///
    /// Shape: contributions (parts N, C), `h` (N, C)
    private func collect(_ contributions: MatrixElements, through layer: LinearStep, into h: MatrixElements) {
        for row in 0..<contributions.rows { add(contributions.row(row), to: h.row(row % h.rows), h.columns) }
        layer.addBias(to: h)
    }
}
