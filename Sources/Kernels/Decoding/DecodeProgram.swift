/// A decode step as a recorded program: the kernels that one new token of each of N texts passes through, executed by all
/// threads in one parallel region.
///
/// With N of at most eight rows every product is a skinny GEMM, bound by memory bandwidth, and a step of the `cpu` preset
/// takes 24 microseconds: less than its thirty kernels would need for a parallel-for each. So the threads share the model as
/// in tensor parallelism (Shoeybi et al. 2019, "Megatron-LM", section 3). Activations are divided by columns into *parts*,
/// one for each attention head, and a thread owns some of the parts. ``columnParallel(_:_:bias:sections:)`` computes only
/// own columns; ``addRowParallel(_:_:bias:to:)`` multiplies own columns by the matching rows of a weight, so each part ends
/// in a partial sum for every output; after a barrier each thread adds all partial sums, in the order of the parts. That
/// order, and so every bit, is the same at any number of threads.
///
/// A layer records its kernels in the order in which its forward pass calls them. The program holds the operands' buffers;
/// at run time it works on addresses alone, since threads that retain and release the same objects wait for each other.
package final class DecodeProgram {
    /// Activations of the new tokens, (N, columns), in each thread's own workspace.
    package struct Activations {
        fileprivate let offset: Int
        /// The width.
        package let columns: Int
    }

    /// A kernel with its operands' addresses.
    private enum Instruction {
        case embed(table: MatrixView, positions: MatrixView?, into: Activations)
        case layerNorm(
            Activations, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into: Activations)
        case rmsNorm(Activations, weight: UnsafePointer<Float>, into: Activations)
        case columnParallel(Activations, MatrixView, bias: MatrixView?, sections: Int, into: Activations)
        case gelu(Activations)
        case swiGLU(Activations, into: Activations)
        case rotary(Activations, RotaryKernel.View)
        case attend(Activations, KeyValueCache.View, into: Activations)
        case addRowParallel(Activations, MatrixView, bias: MatrixView?, partials: Int, to: Activations)
        case logits(Activations, MatrixView, threads: Int, into: MatrixView)
    }

    /// Weights below which a further thread costs more than it saves.
    private static let weightsPerThread = 1 << 17

    /// The logits of the tokens after the new ones, once ``run(_:position:)`` has returned. Shape: (N, V)
    package private(set) var logits = Buffer(uninitialized: 0)

    private let texts: Int, parts: Int, capacity: Int
    private var instructions: [Instruction] = []
    /// Keep the addresses in the instructions valid.
    private var buffers: [Buffer] = []
    private var caches: [KeyValueCache] = []
    /// Elements of all weights, which a step reads once.
    private var weights = 0
    private var vocabulary = 0
    /// A thread's own workspace so far, and the most it has taken.
    private var layout = WorkspaceLayout()
    private var ownFloats = 0
    /// Row-parallel products so far, and the floats of the partial sums of the largest.
    private var rowParallelCount = 0
    private var partialFloats = 0
    /// The new tokens of a run. Shape: (N)
    private let tokens: UnsafeMutablePointer<Int32>
    /// The instructions, once complete; an array would be retained by every thread that reads it.
    private var compiled: UnsafeMutableBufferPointer<Instruction>?
    /// The most threads of a run, and what each of them executes.
    private var threads = 1
    private var body: ThreadPool.RegionBody = { _, _ in }

    /// An empty program.
    ///
    /// - Parameters:
    ///   - texts: N, the new tokens of a step.
    ///   - parts: Parts that activations are divided into; the number of attention heads.
    ///   - capacity: The most positions.
    package init(texts: Int, parts: Int, capacity: Int) {
        require(texts > 0 && parts > 0 && capacity > 0, "\(texts) texts, \(parts) parts, \(capacity) positions")
        (self.texts, self.parts, self.capacity) = (texts, parts, capacity)
        tokens = .allocate(capacity: texts)
    }

    // MARK: Recording

    /// The embeddings of the new tokens, plus that of their position if positions are added.
    ///
    /// Shape: `table` (V, C), `positions` (capacity, C) -> (N, C)
    package func embed(_ table: Matrix, positions: Matrix?) -> Activations {
        let (rows, offsets) = (table.view, positions?.view)
        require(
            offsets.map { rows.columns == $0.columns && $0.rows >= capacity } ?? true,
            "positions (\(offsets?.rows ?? 0), \(offsets?.columns ?? 0)) for embeddings of width \(rows.columns)")
        vocabulary = rows.rows
        let h = take(rows.columns)
        record(.embed(table: rows, positions: offsets, into: h), [table.buffer] + (positions.map { [$0.buffer] } ?? []))
        return h
    }

    /// Layer normalization; see ``LayerNormKernel``.
    ///
    /// Shape: (N, C), weight and bias (C) -> (N, C)
    package func layerNorm(_ x: Activations, weight: Buffer, bias: Buffer?) -> Activations {
        require(
            weight.count == x.columns && bias.map { $0.count == x.columns } ?? true,
            "layer norm of \(x.columns) channels with \(weight.count) weights")
        let y = take(x.columns)
        record(
            .layerNorm(x, weight: UnsafePointer(weight.pointer), bias: bias.map { UnsafePointer($0.pointer) }, into: y),
            [weight] + (bias.map { [$0] } ?? []))
        return y
    }

    /// Root mean square normalization; see ``RMSNormKernel``.
    ///
    /// Shape: (N, C), weight (C) -> (N, C)
    package func rmsNorm(_ x: Activations, weight: Buffer) -> Activations {
        require(weight.count == x.columns, "RMS norm of \(x.columns) channels with \(weight.count) weights")
        let y = take(x.columns)
        record(.rmsNorm(x, weight: UnsafePointer(weight.pointer), into: y), [weight])
        return y
    }

    /// `x weight + bias`, each thread computing the columns of its parts.
    ///
    /// Shape: (N, K), weight (K, M), bias (M) -> (N, M)
    ///
    /// - Parameters:
    ///   - x: Complete activations, not only a thread's own parts.
    ///   - weight: The weight.
    ///   - bias: The bias.
    ///   - sections: Equal sections of the outputs that are each divided into parts: 3 for queries, keys and values.
    /// - Returns: Activations of which each thread has its own parts.
    package func columnParallel(_ x: Activations, _ weight: Matrix, bias: Buffer?, sections: Int = 1) -> Activations {
        check(x, weight, bias)
        require(weight.view.columns % sections == 0, "\(weight.view.columns) outputs in \(sections) sections")
        let y = take(weight.view.columns)
        weights += weight.buffer.count
        record(
            .columnParallel(x, weight.view, bias: Self.row(bias), sections: sections, into: y),
            [weight.buffer] + (bias.map { [$0] } ?? []))
        return y
    }

    /// The Gaussian error linear unit of own parts, in place.
    package func gelu(_ x: Activations) -> Activations {
        record(.gelu(x), [])
        return x
    }

    /// The gated linear unit of own parts; see ``SwiGLUKernel``.
    ///
    /// Shape: (N, 2F), gates and ups side by side -> (N, F)
    package func swiGLU(_ x: Activations) -> Activations {
        require(x.columns % 2 == 0, "\(x.columns) channels are not gates and ups side by side")
        let y = take(x.columns / 2)
        record(.swiGLU(x, into: y), [])
        return y
    }

    /// Normalizes and rotates queries and keys by the position of the new tokens, each thread those of its heads, in place;
    /// see ``RotaryKernel``.
    ///
    /// Shape: (N, 3C)
    package func rotary(_ queryKeyValue: Activations, _ operands: RotaryKernel.Operands) {
        let view = operands.view
        require(
            queryKeyValue.columns == 3 * parts * view.width && view.positions >= capacity,
            "\(queryKeyValue.columns) channels, \(parts) heads of \(view.width), \(view.positions) positions")
        record(.rotary(queryKeyValue, view), operands.buffers)
    }

    /// Appends the new tokens' keys and values to a cache and attends to it, each thread with its heads.
    ///
    /// Shape: (N, 3C) -> (N, C)
    package func attend(_ queryKeyValue: Activations, _ cache: KeyValueCache) -> Activations {
        let shape = cache.view.shape
        require(
            shape.batch == texts && shape.heads == parts && shape.time >= capacity
                && queryKeyValue.columns == 3 * shape.channels,
            "a cache of \(shape) in a program of \(texts) texts, \(parts) heads, \(capacity) positions")
        caches.append(cache)
        let output = take(shape.channels)
        record(.attend(queryKeyValue, cache.view, into: output), [])
        return output
    }

    /// `h += x weight + bias`, each thread multiplying its own parts of `x`; afterwards `h` is complete on every thread.
    ///
    /// Shape: (N, K), weight (K, C), bias (C), h (N, C)
    package func addRowParallel(_ x: Activations, _ weight: Matrix, bias: Buffer?, to h: Activations) {
        check(x, weight, bias)
        require(weight.view.columns == h.columns, "\(weight.view.columns) outputs for a stream of \(h.columns)")
        weights += weight.buffer.count
        partialFloats = max(partialFloats, parts * texts * h.columns)
        // Two areas for partial sums in turns: a thread reaches the next area but one only after a barrier at which all
        // have added up this one.
        record(
            .addRowParallel(x, weight.view, bias: Self.row(bias), partials: rowParallelCount % 2, to: h),
            [weight.buffer] + (bias.map { [$0] } ?? []))
        rowParallelCount += 1
    }

    /// The logits `x weight`, by as few threads as pay.
    ///
    /// Shape: (N, C), weight (C, V) -> ``logits`` (N, V)
    package func logits(_ x: Activations, _ weight: Matrix) {
        check(x, weight, nil)
        weights += weight.buffer.count
        logits = Buffer(uninitialized: texts * weight.view.columns)
        let output = Matrix(logits, rows: texts, columns: weight.view.columns)
        record(
            .logits(x, weight.view, threads: max(1, weight.buffer.count / Self.weightsPerThread), into: output.view),
            [weight.buffer, logits])
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

    private func record(_ instruction: Instruction, _ operands: [Buffer]) {
        require(compiled == nil, "a decode program cannot be extended after its first run")
        instructions.append(instruction)
        buffers += operands
    }

    private func check(_ x: Activations, _ weight: Matrix, _ bias: Buffer?) {
        let view = weight.view
        require(
            view.rows == x.columns && bias.map { $0.count == view.columns } ?? true,
            "(\(texts), \(x.columns)) x (\(view.rows), \(view.columns)) with \(bias?.count ?? 0) biases")
    }

    private static func row(_ bias: Buffer?) -> MatrixView? { bias.map { Matrix(repeating: $0, rows: 1).view } }

    // MARK: Running

    /// Computes ``logits`` for one new token of each text. Nothing is allocated after the first step.
    ///
    /// - Parameters:
    ///   - tokens: The new tokens. Shape: (N)
    ///   - position: Their position: tokens of each text in the caches so far.
    package func run(_ tokens: [Int32], position: Int) {
        require(
            tokens.count == texts && position >= 0 && position < capacity,
            "\(tokens.count) tokens at position \(position) in a program for \(texts) at up to \(capacity)")
        if compiled == nil { compile() }
        for (text, token) in tokens.enumerated() {
            require(token >= 0 && token < vocabulary, "token \(token) is not below \(vocabulary)")
            self.tokens[text] = token
        }
        Parallel.region(upTo: threads, position, body)
    }

    /// Lays out the workspaces and fixes the instructions.
    private func compile() {
        threads = max(1, min(parts, weights / Self.weightsPerThread))
        let partials = Buffer.padded(2 * partialFloats)
        let own = Buffer.padded(ownFloats)
        let workspace = Buffer(uninitialized: partials + threads * own)
        buffers.append(workspace)
        let program = UnsafeMutableBufferPointer<Instruction>.allocate(capacity: instructions.count)
        _ = program.initialize(from: instructions)
        compiled = program
        let (memory, tokens) = (workspace.pointer, tokens)
        let (texts, parts, partialFloats) = (texts, parts, partialFloats)
        body = { thread, position in
            let execution = DecodeExecution(
                thread: thread, position: position, texts: texts, parts: parts, tokens: tokens,
                own: memory + partials + thread.number * own, partials: memory, partialFloats: partialFloats)
            for index in 0..<program.count { Self.execute(program.baseAddress! + index, execution) }
        }
    }

    deinit {
        tokens.deallocate()
        compiled?.deallocate()
    }

    @inline(__always)
    private static func execute(_ instruction: UnsafePointer<Instruction>, _ execution: DecodeExecution) {
        func view(_ x: Activations) -> MatrixView { execution.view(x.offset, x.columns) }
        switch instruction.pointee {
        case .embed(let table, let positions, let h):
            execution.embed(table, positions, into: view(h))
        case .layerNorm(let x, let weight, let bias, let y):
            execution.layerNorm(view(x), weight, bias, into: view(y))
        case .rmsNorm(let x, let weight, let y):
            execution.rmsNorm(view(x), weight, into: view(y))
        case .columnParallel(let x, let weight, let bias, let sections, let y):
            execution.columnParallel(view(x), weight, bias, sections, into: view(y))
        case .gelu(let x):
            execution.gelu(view(x))
        case .swiGLU(let x, let y):
            execution.swiGLU(view(x), into: view(y))
        case .rotary(let queryKeyValue, let operands):
            execution.rotary(view(queryKeyValue), operands)
        case .attend(let queryKeyValue, let cache, let output):
            cache.attend(
                view(queryKeyValue).start, position: execution.position, heads: execution.ownParts,
                output: view(output).start)
        case .addRowParallel(let x, let weight, let bias, let partials, let h):
            execution.addRowParallel(view(x), weight, bias, partials, to: view(h))
        case .logits(let x, let weight, let threads, let output):
            let columns = execution.thread.range(of: output.columns, among: threads)
            if !columns.isEmpty { SkinnyMatmul.multiply(view(x), weight, columns: columns, into: output) }
        }
    }
}
