/// One thread's execution of a ``DecodeProgram``: the kernels on its parts of the activations.
struct DecodeExecution {
    let thread: RegionThread
    let position: Int
    /// The parts that this thread owns.
    let ownParts: Range<Int>
    private let texts: Int, parts: Int
    private let tokens: UnsafePointer<Int32>
    private let own: UnsafeMutablePointer<Float>
    /// Two areas of so many floats for partial sums, shared by all threads. Shape: (parts N, C)
    private let partials: UnsafeMutablePointer<Float>, partialFloats: Int

    init(
        thread: RegionThread, position: Int, texts: Int, parts: Int, tokens: UnsafePointer<Int32>,
        own: UnsafeMutablePointer<Float>, partials: UnsafeMutablePointer<Float>, partialFloats: Int
    ) {
        (self.thread, self.position, self.texts, self.parts) = (thread, position, texts, parts)
        (self.tokens, self.own, self.partials, self.partialFloats) = (tokens, own, partials, partialFloats)
        ownParts = thread.range(of: parts)
    }

    /// Activations at an offset of this thread's own workspace. Shape: (N, columns)
    func view(_ offset: Int, _ columns: Int) -> MatrixView {
        MatrixView(start: own + offset, rows: texts, columns: columns)
    }

    /// The columns of a range of parts, when `columns` are divided among all parts.
    private func columns(of range: Range<Int>, in columns: Int) -> Range<Int> {
        columns * range.lowerBound / parts..<columns * range.upperBound / parts
    }

    func embed(_ table: MatrixView, _ positions: MatrixView?, into h: MatrixView) {
        for text in 0..<texts {
            h.row(text).update(from: table.row(Int(tokens[text])), count: h.columns)
            if let positions { add(positions.row(position), to: h.row(text), h.columns) }
        }
    }

    func layerNorm(
        _ x: MatrixView, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, into y: MatrixView
    ) {
        for text in 0..<texts {
            LayerNormKernel.forward(x.row(text), x.columns, weight: weight, bias: bias, output: y.row(text))
        }
    }

    func rmsNorm(_ x: MatrixView, _ weight: UnsafePointer<Float>, into y: MatrixView) {
        for text in 0..<texts { RMSNormKernel.forward(x.row(text), x.columns, weight: weight, output: y.row(text)) }
    }

    func columnParallel(
        _ x: MatrixView, _ weight: MatrixView, _ bias: MatrixView?, _ sections: Int, into y: MatrixView
    ) {
        let section = y.columns / sections
        let columns = columns(of: ownParts, in: section)
        for first in 0..<sections {
            let start = first * section
            SkinnyMatmul.multiply(
                x, weight, columns: start + columns.lowerBound..<start + columns.upperBound, into: y, plus: bias)
        }
    }

    func gelu(_ x: MatrixView) {
        let columns = columns(of: ownParts, in: x.columns)
        for text in 0..<texts {
            let row = x.row(text) + columns.lowerBound
            GELUKernel.forward(row, count: columns.count, output: row)
        }
    }

    func swiGLU(_ x: MatrixView, into y: MatrixView) {
        let columns = columns(of: ownParts, in: y.columns)
        for text in 0..<texts {
            let gate = x.row(text) + columns.lowerBound
            SwiGLUKernel.forward(
                gate: gate, up: gate + y.columns, count: columns.count, output: y.row(text) + columns.lowerBound)
        }
    }

    func rotary(_ queryKeyValue: MatrixView, _ operands: RotaryKernel.View) {
        for text in 0..<texts {
            let row = queryKeyValue.row(text)
            operands.rotate(row, position: position, heads: ownParts, of: queryKeyValue.columns / 3, into: row)
        }
    }

    func addRowParallel(
        _ x: MatrixView, _ weight: MatrixView, _ bias: MatrixView?, _ area: Int, to h: MatrixView
    ) {
        let sums = MatrixView(start: partials + area * partialFloats, rows: parts * texts, columns: h.columns)
        for part in ownParts {
            let inputs = columns(of: part..<part + 1, in: x.columns)
            SkinnyMatmul.multiply(
                x.columns(inputs), weight.rows(inputs), columns: 0..<h.columns,
                into: sums.rows(part * texts..<(part + 1) * texts))
        }
        thread.barrier()
        for row in 0..<sums.rows { add(sums.row(row), to: h.row(row % texts), h.columns) }
        guard let bias else { return }
        for text in 0..<texts { add(bias.start, to: h.row(text), h.columns) }
    }
}
