/// A recorded decode step: the kernels that one new token of each of B texts passes through. ``compiled()`` returns it as a
/// ``CompiledDecodeProgram``, which all threads execute in one parallel region.
///
/// With B of at most eight rows every product is a skinny GEMM, bound by memory bandwidth, and a step of the `cpu` preset
/// takes less time than its thirty kernels would need for a parallel-for each. So the threads share the model as
/// in tensor parallelism (Shoeybi et al. 2019, "Megatron-LM", section 3). Activations are divided by columns into *shards*,
/// one for each attention head, and a thread owns some of the shards. ``columnParallel(_:_:bias:sections:)`` computes only
/// own columns; ``addRowParallel(_:_:bias:to:)`` multiplies own columns by the matching rows of a weight, so each shard ends
/// in a partial sum for every output; after a barrier each thread adds all partial sums, in the order of the shards. That
/// order, and so every bit, is the same at any number of threads.
///
/// A layer records its kernels in the order in which its forward pass calls them.
package final class DecodeProgram {
    /// Activations of the new tokens in each thread's own workspace, complete on every thread. Shape: (B, columns)
    package struct Activations {
        let offset: Int
        package let columns: Int
    }

    /// Activations of which each thread has only its own shards, so that no kernel which reads whole rows takes them.
    package struct ShardedActivations {
        /// Their place and all columns, of which this thread's are written.
        let all: Activations
        /// Equal sections of the columns that are each divided into shards: 3 for queries, keys and values.
        let sections: Int
    }

    /// Weights below which a further thread costs more than it saves.
    private static let weightsPerThread = 1 << 17

    private let texts: Int, shards: Int, capacity: Int
    private let format: WeightFormat
    private var instructions: [DecodeInstruction] = []
    /// Keep the addresses in the instructions valid.
    private var buffers: [Buffer] = []
    private var caches: [KeyValueCache] = []
    private var logits = Buffer(uninitialized: 0)
    /// Elements of all weights, which a step reads once.
    private var weights = 0
    /// Rows of each table that is looked up.
    private var tableRows: [Int] = []
    /// A thread's own workspace so far, and the most it has taken.
    private var layout = WorkspaceLayout()
    private var ownFloats = 0
    /// Row-parallel products so far, and the floats of the partial sums of the largest.
    private var rowParallelCount = 0
    private var partialFloats = 0

    /// An empty program.
    ///
    /// - Parameters:
    ///   - texts: B, the new tokens of a step.
    ///   - shards: Shards that activations are divided into; the number of attention heads.
    ///   - capacity: The most positions.
    ///   - weights: How steps read the weights of products; a copy is made as a product is recorded.
    package init(texts: Int, shards: Int, capacity: Int, weights: WeightFormat = .f32) {
        require(texts > 0 && shards > 0 && capacity > 0, "\(texts) texts, \(shards) shards, \(capacity) positions")
        (self.texts, self.shards, self.capacity, format) = (texts, shards, capacity, weights)
    }

    /// A row of each table, added up in their order, plus that of the position if positions are added.
    ///
    /// Shape: `tables` (rows, C), `positions` (capacity, C) -> (B, C)
    ///
    /// - Parameters:
    ///   - tables: The tables, of which ``CompiledDecodeProgram/run(_:position:)`` picks the rows; at least one.
    ///   - positions: A row for each position.
    /// - Returns: The sums.
    package func embed(_ tables: [Matrix], positions: Matrix?) -> Activations {
        require(!tables.isEmpty, "an embedding of no tables")
        let width = tables[0].view.columns
        require(
            (tables + (positions.map { [$0] } ?? [])).allSatisfy {
                $0.view.columnStride == 1 && $0.view.columns == width
            } && positions.map { $0.view.rows >= capacity } ?? true,
            "\(tables.count) tables and \(positions?.view.rows ?? 0) positions of other widths than \(width)")
        tableRows = tables.map(\.view.rows)
        let h = take(width)
        record(.embed(table: tables[0].view, into: h), [tables[0].buffer])
        for (number, table) in tables.enumerated().dropFirst() {
            record(.addRow(table: table.view, number: number, to: h), [table.buffer])
        }
        if let positions { record(.addPosition(positions.view, to: h), [positions.buffer]) }
        return h
    }

    /// Layer normalization; see ``LayerNormKernel``.
    ///
    /// Shape: (B, C), weight and bias (C) -> (B, C)
    package func layerNorm(_ x: Activations, weight: Buffer, bias: Buffer?) -> Activations {
        require(
            weight.count == x.columns && bias.map { $0.count == x.columns } ?? true,
            "layer norm of width \(x.columns) with \(weight.count) weights")
        let y = take(x.columns)
        record(
            .layerNorm(x, weight: UnsafePointer(weight.pointer), bias: bias.map { UnsafePointer($0.pointer) }, into: y),
            [weight] + (bias.map { [$0] } ?? []))
        return y
    }

    /// Root mean square normalization; see ``RMSNormKernel``.
    ///
    /// Shape: (B, C), weight (C) -> (B, C)
    package func rmsNorm(_ x: Activations, weight: Buffer) -> Activations {
        require(weight.count == x.columns, "RMS norm of width \(x.columns) with \(weight.count) weights")
        let y = take(x.columns)
        record(.rmsNorm(x, weight: UnsafePointer(weight.pointer), into: y), [weight])
        return y
    }

    /// `x weight + bias`, each thread computing the columns of its shards.
    ///
    /// Shape: (B, K), weight (K, M), bias (M) -> (B, M)
    ///
    /// - Parameters:
    ///   - x: The activations.
    ///   - weight: The weight.
    ///   - bias: The bias.
    ///   - sections: Equal sections of the outputs that are each divided into shards: 3 for queries, keys and values.
    /// - Returns: Activations of which each thread has its own shards.
    package func columnParallel(
        _ x: Activations, _ weight: Matrix, bias: Buffer?, sections: Int = 1
    ) -> ShardedActivations {
        check(x, weight, bias)
        require(
            sections > 0 && weight.view.columns % sections == 0,
            "\(weight.view.columns) outputs in \(sections) sections")
        let y = take(weight.view.columns)
        record(
            .columnParallel(x, read(weight), bias: Self.row(bias), sections: sections, into: y),
            bias.map { [$0] } ?? [])
        return ShardedActivations(all: y, sections: sections)
    }

    /// The Gaussian error linear unit of own shards, in place; see ``GELUKernel``.
    ///
    /// Shape: (B, F) -> (B, F)
    package func gelu(_ x: ShardedActivations) -> ShardedActivations {
        record(.gelu(columns(of: x, sections: 1)), [])
        return x
    }

    /// The gated linear unit of own shards; see ``SwiGLUKernel``.
    ///
    /// Shape: (B, 2F), gates and ups side by side -> (B, F)
    package func swiGLU(_ x: ShardedActivations) -> ShardedActivations {
        let gateUp = columns(of: x, sections: 2)
        let y = take(gateUp.columns / 2)
        record(.swiGLU(gateUp, into: y), [])
        return ShardedActivations(all: y, sections: 1)
    }

    /// Normalizes and rotates queries and keys by the position of the new tokens, each thread those of its heads, in place;
    /// see ``RotaryKernel``.
    ///
    /// Shape: (B, 3C)
    package func rotary(_ x: ShardedActivations, _ operands: RotaryKernel.Operands) {
        let (queryKeyValue, view) = (columns(of: x, sections: 3), operands.view)
        require(
            queryKeyValue.columns == 3 * shards * view.headWidth && view.positions >= capacity,
            "\(queryKeyValue.columns) columns, \(shards) heads of \(view.headWidth), \(view.positions) positions")
        record(.rotary(queryKeyValue, view), operands.buffers)
    }

    /// Appends the new tokens' keys and values to a cache and attends to it, each thread with its heads.
    ///
    /// Shape: (B, 3C) -> (B, C)
    package func attend(_ x: ShardedActivations, _ cache: KeyValueCache) -> ShardedActivations {
        let (queryKeyValue, shape) = (columns(of: x, sections: 3), cache.view.shape)
        require(
            shape.batch == texts && shape.heads == shards && shape.time >= capacity
                && queryKeyValue.columns == 3 * shape.width,
            "a cache of \(shape) in a program of \(texts) texts, \(shards) heads, \(capacity) positions")
        caches.append(cache)
        let output = take(shape.width)
        record(.attend(queryKeyValue, cache.view, into: output), [])
        return ShardedActivations(all: output, sections: 1)
    }

    /// `h += x weight + bias`, each thread multiplying its own shards of `x`; afterwards `h` is complete on every thread.
    ///
    /// Shape: (B, K), weight (K, C), bias (C), h (B, C)
    package func addRowParallel(_ x: ShardedActivations, _ weight: Matrix, bias: Buffer?, to h: Activations) {
        let x = columns(of: x, sections: 1)
        check(x, weight, bias)
        require(weight.view.columns == h.columns, "\(weight.view.columns) outputs for a stream of \(h.columns)")
        partialFloats = max(partialFloats, shards * texts * h.columns)
        // Two areas for partial sums alternate: a thread writes to an area again only after a barrier that no thread reaches
        // before it has added up what the area held.
        record(
            .addRowParallel(x, read(weight), bias: Self.row(bias), partials: rowParallelCount % 2, to: h),
            bias.map { [$0] } ?? [])
        rowParallelCount += 1
    }

    /// The logits `x weight`, on at most one thread per ``weightsPerThread`` elements of the weight.
    ///
    /// Shape: (B, C), weight (C, V) -> ``CompiledDecodeProgram/logits`` (B, V)
    package func logits(_ x: Activations, _ weight: Matrix) {
        check(x, weight, nil)
        logits = Buffer(uninitialized: texts * weight.view.columns)
        let output = Matrix(logits, rows: texts, columns: weight.view.columns)
        record(
            .logits(x, read(weight), threads: max(1, weight.buffer.count / Self.weightsPerThread), into: output.view),
            [logits])
    }

    /// Records activations that are not needed after `body`: the next scope's take their place in the workspace.
    package func scope(_ body: () -> Void) {
        let start = layout.count
        body()
        layout.release(to: start)
    }

    private func take(_ columns: Int) -> Activations {
        defer { ownFloats = max(ownFloats, layout.count) }
        return Activations(offset: layout.take(texts * columns), columns: columns)
    }

    /// All columns of sharded activations; checks how these are divided into shards.
    private func columns(of x: ShardedActivations, sections: Int) -> Activations {
        require(
            x.sections == sections,
            "activations of \(x.all.columns) columns with shards of \(x.sections) sections, expected \(sections)")
        return x.all
    }

    private func record(_ instruction: DecodeInstruction, _ operands: [Buffer]) {
        instructions.append(instruction)
        buffers += operands
    }

    /// The weight as steps read it: in place, or as a copy.
    private func read(_ weight: Matrix) -> DecodeWeight {
        weights += weight.buffer.count
        switch format {
        case .f32:
            buffers.append(weight.buffer)
            return .f32(weight.view)
        case .bf16:
            let packed = PackedWeight<BFloat16>(weight)
            buffers += packed.buffers
            return .bf16(packed.view)
        case .q8:
            let packed = PackedWeight<Int8>(weight)
            buffers += packed.buffers
            return .q8(packed.view)
        }
    }

    private func check(_ x: Activations, _ weight: Matrix, _ bias: Buffer?) {
        let view = weight.view
        require(
            view.rows == x.columns && bias.map { $0.count == view.columns } ?? true,
            "(\(texts), \(x.columns)) x (\(view.rows), \(view.columns)) with \(bias?.count ?? 0) biases")
    }

    private static func row(_ bias: Buffer?) -> MatrixView? { bias.map { Matrix(repeating: $0, rows: 1).view } }

    /// The program as ``CompiledDecodeProgram``, which holds the operands' buffers and has the workspaces of all threads.
    package func compiled() -> CompiledDecodeProgram {
        CompiledDecodeProgram(
            instructions, buffers: buffers, caches: caches, logits: logits, tableRows: tableRows,
            DecodeLayout(
                texts: texts, shards: shards, capacity: capacity,
                threads: max(1, min(shards, weights / Self.weightsPerThread)), ownFloats: ownFloats,
                partialFloats: partialFloats))
    }
}
