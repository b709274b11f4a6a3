/// One thread's execution of a ``DecodeProgram``: the kernels on its shards of the activations.
struct DecodeExecution {
    let thread: RegionThread
    let position: Int
    /// The shards that this thread owns.
    private let ownShards: Range<Int>
    /// The rows of the tables. Shape: (tables, B)
    private let rows: UnsafePointer<Int32>
    private let layout: DecodeLayout, memory: UnsafeMutablePointer<Float>
    /// This thread's own workspace.
    private let own: UnsafeMutablePointer<Float>

    init(
        thread: RegionThread, position: Int, _ layout: DecodeLayout, rows: UnsafePointer<Int32>,
        _ memory: UnsafeMutablePointer<Float>
    ) {
        (self.thread, self.position) = (thread, position)
        (self.rows, self.layout, self.memory) = (rows, layout, memory)
        own = memory + layout.own + thread.number * layout.ownStride
        ownShards = thread.range(of: layout.shards)
    }

    private var texts: Int { layout.texts }
    private var shards: Int { layout.shards }

    @inline(__always)
    func execute(_ instruction: UnsafePointer<DecodeInstruction>) {
        switch instruction.pointee {
        case .embed(let table, let h):
            embed(table, into: view(h))
        case .addRow(let table, let number, let h):
            addRow(table, number, to: view(h))
        case .addPosition(let positions, let h):
            addPosition(positions, to: view(h))
        case .layerNorm(let x, let weight, let bias, let y):
            layerNorm(view(x), weight, bias, into: view(y))
        case .rmsNorm(let x, let weight, let y):
            rmsNorm(view(x), weight, into: view(y))
        case .columnParallel(let x, let weight, let bias, let sections, let y):
            columnParallel(view(x), weight, bias, sections, into: view(y))
        case .gelu(let x):
            gelu(view(x))
        case .swiGLU(let x, let y):
            swiGLU(view(x), into: view(y))
        case .rotary(let queryKeyValue, let operands):
            rotary(view(queryKeyValue), operands)
        case .attend(let queryKeyValue, let cache, let output):
            cache.attend(
                view(queryKeyValue).start, position: position, heads: ownShards, output: view(output).start)
        case .addRowParallel(let x, let weight, let bias, let partials, let h):
            addRowParallel(view(x), weight, bias, partials, to: view(h))
        case .logits(let x, let weight, let threads, let output):
            let columns = thread.range(of: output.columns, among: threads)
            if !columns.isEmpty { weight.multiply(view(x), columns: columns, into: output) }
        }
    }

    /// This thread's activations. Shape: (B, columns)
    private func view(_ x: DecodeProgram.Activations) -> MatrixView {
        MatrixView(start: own + x.offset, rows: texts, columns: x.columns)
    }

    /// The columns of a range of shards, when `columns` are divided into all shards.
    private func columns(of range: Range<Int>, in columns: Int) -> Range<Int> {
        columns * range.lowerBound / shards..<columns * range.upperBound / shards
    }

    private func embed(_ table: MatrixView, into h: MatrixView) {
        for text in 0..<texts { h.row(text).update(from: table.row(Int(rows[text])), count: h.columns) }
    }

    private func addRow(_ table: MatrixView, _ number: Int, to h: MatrixView) {
        for text in 0..<texts { add(table.row(Int(rows[number * texts + text])), to: h.row(text), h.columns) }
    }

    private func addPosition(_ positions: MatrixView, to h: MatrixView) {
        for text in 0..<texts { add(positions.row(position), to: h.row(text), h.columns) }
    }

    private func layerNorm(
        _ x: MatrixView, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, into y: MatrixView
    ) {
        for text in 0..<texts {
            LayerNormKernel.forward(x.row(text), x.columns, weight: weight, bias: bias, output: y.row(text))
        }
    }

    private func rmsNorm(_ x: MatrixView, _ weight: UnsafePointer<Float>, into y: MatrixView) {
        for text in 0..<texts { RMSNormKernel.forward(x.row(text), x.columns, weight: weight, output: y.row(text)) }
    }

    private func columnParallel(
        _ x: MatrixView, _ weight: DecodeWeight, _ bias: MatrixView?, _ sections: Int, into y: MatrixView
    ) {
        let section = y.columns / sections
        let columns = columns(of: ownShards, in: section)
        for first in 0..<sections {
            let start = first * section
            weight.multiply(
                x, columns: start + columns.lowerBound..<start + columns.upperBound, into: y, plus: bias)
        }
    }

    private func gelu(_ x: MatrixView) {
        let columns = columns(of: ownShards, in: x.columns)
        for text in 0..<texts {
            let row = x.row(text) + columns.lowerBound
            GELUKernel.forward(row, count: columns.count, output: row)
        }
    }

    private func swiGLU(_ x: MatrixView, into y: MatrixView) {
        let columns = columns(of: ownShards, in: y.columns)
        for text in 0..<texts {
            let gate = x.row(text) + columns.lowerBound
            SwiGLUKernel.forward(
                gate: gate, up: gate + y.columns, count: columns.count, output: y.row(text) + columns.lowerBound)
        }
    }

    private func rotary(_ queryKeyValue: MatrixView, _ operands: RotaryKernel.View) {
        for text in 0..<texts {
            let row = queryKeyValue.row(text)
            operands.rotate(row, position: position, heads: ownShards, of: queryKeyValue.columns / 3, into: row)
        }
    }

    private func addRowParallel(
        _ x: MatrixView, _ weight: DecodeWeight, _ bias: MatrixView?, _ area: Int, to h: MatrixView
    ) {
        let sums = MatrixView(start: memory + layout.partials[area], rows: shards * texts, columns: h.columns)
        for shard in ownShards {
            let inputs = columns(of: shard..<shard + 1, in: x.columns)
            weight.rows(inputs).multiply(
                x.columns(inputs), columns: 0..<h.columns, into: sums.rows(shard * texts..<(shard + 1) * texts))
        }
        thread.barrier()
        for row in 0..<sums.rows { add(sums.row(row), to: h.row(row % texts), h.columns) }
        guard let bias else { return }
        for text in 0..<texts { add(bias.start, to: h.row(text), h.columns) }
    }
}

/// A kernel of a decode step with its operands' addresses, which are not reference-counted.
enum DecodeInstruction {
    typealias Activations = DecodeProgram.Activations

    case embed(table: MatrixView, into: Activations)
    case addRow(table: MatrixView, number: Int, to: Activations)
    case addPosition(MatrixView, to: Activations)
    case layerNorm(Activations, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into: Activations)
    case rmsNorm(Activations, weight: UnsafePointer<Float>, into: Activations)
    case columnParallel(Activations, DecodeWeight, bias: MatrixView?, sections: Int, into: Activations)
    case gelu(Activations)
    case swiGLU(Activations, into: Activations)
    case rotary(Activations, RotaryKernel.View)
    case attend(Activations, KeyValueCache.View, into: Activations)
    case addRowParallel(Activations, DecodeWeight, bias: MatrixView?, partials: Int, to: Activations)
    case logits(Activations, DecodeWeight, threads: Int, into: MatrixView)
}
