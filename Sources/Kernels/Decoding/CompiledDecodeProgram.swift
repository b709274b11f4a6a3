/// A ``DecodeProgram`` that can be run: instructions, operands and the workspaces of all threads.
///
/// It holds the operands' buffers, but runs on addresses alone, since threads that retain and release the same objects wait for
/// each other.
package final class CompiledDecodeProgram {
    /// The logits of the tokens after the new ones, once ``run(_:position:)`` has returned. Shape: (N, V)
    package let logits: Buffer

    private let shape: DecodeShape
    private let threads: Int
    /// Keep the addresses in the instructions valid.
    private let buffers: [Buffer], caches: [KeyValueCache]
    /// An array would be retained by every thread that reads it.
    private let instructions: UnsafeMutableBufferPointer<DecodeInstruction>
    /// Rows of each table that is looked up.
    private let tableRows: [Int]
    /// The rows that a run picks. Shape: (tables, N)
    private let rows: UnsafeMutablePointer<Int32>
    /// What each thread of a run executes.
    private let body: ThreadPool.RegionBody

    init(
        _ recorded: [DecodeInstruction], buffers: [Buffer], caches: [KeyValueCache], logits: Buffer,
        tableRows: [Int], _ shape: DecodeShape, _ layout: DecodeWorkspaceLayout
    ) {
        let workspace = Buffer(uninitialized: layout.count)
        let rows = UnsafeMutablePointer<Int32>.allocate(capacity: tableRows.count * shape.texts)
        let instructions = UnsafeMutableBufferPointer<DecodeInstruction>.allocate(capacity: recorded.count)
        _ = instructions.initialize(from: recorded)
        let memory = workspace.pointer
        body = { thread, position in
            let execution = DecodeExecution(thread: thread, position: position, shape, rows: rows, layout, memory)
            for instruction in 0..<instructions.count { execution.execute(instructions.baseAddress! + instruction) }
        }
        (self.logits, self.shape, threads) = (logits, shape, layout.threads)
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
    ///   - rows: The row of each text's new token in each table: in the embedding, the token itself. Shape: (tables, N)
    ///   - position: Their position: tokens of each text in the caches so far.
    package func run(_ rows: [Int32], position: Int) {
        require(
            rows.count == tableRows.count * shape.texts && position >= 0 && position < shape.capacity,
            "\(rows.count) rows at position \(position) in a program for \(shape.texts) texts, \(tableRows.count) tables "
                + "and \(shape.capacity) positions")
        for (index, row) in rows.enumerated() {
            let count = tableRows[index / shape.texts]
            require(row >= 0 && row < count, "row \(row) is not in 0..<\(count)")
            self.rows[index] = row
        }
        Parallel.region(upTo: threads, position, body)
    }
}

/// The shape of a decode step.
struct DecodeShape {
    /// N, the parts that activations are divided into, and the most positions.
    let texts: Int, parts: Int, capacity: Int
}

/// Where the threads of a decode step have their workspaces, as offsets in floats.
struct DecodeWorkspaceLayout {
    /// The most threads.
    let threads: Int
    /// The two areas of partial sums, shared by all threads.
    let partials: InlineArray<2, Int>
    /// The first thread's own workspace, and the distance to the next one's.
    let own: Int, ownStride: Int
    /// Floats of all.
    let count: Int

    init(ownFloats: Int, partialFloats: Int, threads: Int) {
        var layout = WorkspaceLayout()
        partials = [layout.take(partialFloats), layout.take(partialFloats)]
        layout.pad()
        own = layout.count
        for _ in 0..<threads {
            _ = layout.take(ownFloats)
            layout.pad()
        }
        (self.threads, count) = (threads, layout.count)
        ownStride = (count - own) / threads
    }
}
