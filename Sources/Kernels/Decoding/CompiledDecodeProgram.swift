/// A ``DecodeProgram`` that can be run: instructions, operands and the workspaces of all threads.
///
/// It holds the operands' buffers, but runs on addresses alone, since threads that retain and release the same objects wait for
/// each other.
package final class CompiledDecodeProgram {
    /// The logits of the tokens after the new ones, once ``run(_:position:)`` has returned. Shape: (B, V)
    package let logits: Buffer

    private let layout: DecodeLayout
    /// Keep the addresses in the instructions valid.
    private let buffers: [Buffer], caches: [KeyValueCache]
    /// An array would be retained by every thread that reads it.
    private let instructions: UnsafeMutableBufferPointer<DecodeInstruction>
    /// Rows of each table that is looked up.
    private let tableRows: [Int]
    /// The rows that a run picks. Shape: (tables, B)
    private let rows: UnsafeMutablePointer<Int32>
    /// What each thread of a run executes.
    private let body: ThreadPool.RegionBody

    init(
        _ recorded: [DecodeInstruction], buffers: [Buffer], caches: [KeyValueCache], logits: Buffer,
        tableRows: [Int], _ layout: DecodeLayout
    ) {
        let workspace = Buffer(uninitialized: layout.count)
        let rows = UnsafeMutablePointer<Int32>.allocate(capacity: tableRows.count * layout.texts)
        let instructions = UnsafeMutableBufferPointer<DecodeInstruction>.allocate(capacity: recorded.count)
        _ = instructions.initialize(from: recorded)
        let memory = workspace.pointer
        body = { thread, position in
            let execution = DecodeExecution(thread: thread, position: position, layout, rows: rows, memory)
            for instruction in 0..<instructions.count { execution.execute(instructions.baseAddress! + instruction) }
        }
        (self.logits, self.layout) = (logits, layout)
        (self.buffers, self.caches) = (buffers + [workspace], caches)
        (self.instructions, self.tableRows, self.rows) = (instructions, tableRows, rows)
    }

    deinit {
        rows.deallocate()
        instructions.deallocate()
    }

    /// Computes ``logits`` for one new token of each text. Nothing is allocated.
    ///
    /// - Parameters:
    ///   - rows: The row of each text's new token in each table: in the embedding, the token itself. Shape: (tables, B)
    ///   - position: Their position: tokens of each text in the caches so far.
    /// - Returns: The threads that took part.
    @discardableResult
    package func run(_ rows: [Int32], position: Int) -> Int { run(rows, position: position, on: .shared) }

    /// As ``run(_:position:)``, on the threads of any pool.
    func run(_ rows: [Int32], position: Int, on pool: ThreadPool) -> Int {
        require(
            rows.count == tableRows.count * layout.texts && position >= 0 && position < layout.capacity,
            "\(rows.count) rows at position \(position) in a program for \(layout.texts) texts, \(tableRows.count) tables "
                + "and \(layout.capacity) positions")
        for (index, row) in rows.enumerated() {
            let count = tableRows[index / layout.texts]
            require(row >= 0 && row < count, "row \(row) is not in 0..<\(count)")
            self.rows[index] = row
        }
        return Parallel.region(upTo: layout.threads, position, on: pool, body)
    }
}

/// The sizes of a decode step, and where its threads have their workspaces, as offsets in floats.
struct DecodeLayout {
    /// B, the shards that activations are divided into, and the most positions.
    let texts: Int, shards: Int, capacity: Int
    /// The most threads.
    let threads: Int
    /// The two areas of partial sums, shared by all threads.
    let partials: InlineArray<2, Int>
    /// The first thread's own workspace, and the distance to the next one's.
    let own: Int, ownStride: Int
    /// Floats of all.
    let count: Int

    init(texts: Int, shards: Int, capacity: Int, threads: Int, ownFloats: Int, partialFloats: Int) {
        var layout = WorkspaceLayout()
        partials = [layout.take(partialFloats), layout.take(partialFloats)]
        layout.pad()
        own = layout.count
        for _ in 0..<threads {
            _ = layout.take(ownFloats)
            layout.pad()
        }
        (self.texts, self.shards, self.capacity, self.threads) = (texts, shards, capacity, threads)
        (count, ownStride) = (layout.count, (layout.count - own) / threads)
    }
}
