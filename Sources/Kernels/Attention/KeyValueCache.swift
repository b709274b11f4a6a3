/// The KV cache of one block: keys and values of the tokens so far of B texts, and the attention of one new token per text
/// to them.
///
/// Keys are stored transposed, so that scores and head outputs are both skinny products. The memory of each head is padded against
/// false sharing, because heads belong to different threads.
package final class KeyValueCache: Sendable {
    /// The most tokens of a text.
    package var capacity: Int { view.shape.time }
    let view: View
    /// The memory that the view's addresses are in.
    private let memory: Buffer

    /// An empty cache.
    ///
    /// - Parameter shape: B, H and D; the time T, at least 1, is the capacity.
    package init(_ shape: AttentionShape) {
        require(shape.time > 0, "a cache of \(shape)")
        let layout = HeadLayout(shape)
        memory = Buffer(uninitialized: shape.heads * shape.batch * layout.count)
        view = View(shape: shape, layout: layout, memory: memory.pointer)
    }

    /// Replaces the contents by the keys and values of whole windows: the prefill.
    ///
    /// - Parameters:
    ///   - queryKeyValue: Queries, keys and values of every position. Shape: (B, `time`, 3C)
    ///   - time: Tokens of each window, from 0 to ``capacity``.
    package func fill(from queryKeyValue: Buffer, time: Int) {
        let (view, shape) = (view, view.shape)
        require(
            time >= 0 && time <= shape.time && queryKeyValue.count == shape.batch * time * 3 * shape.width,
            "\(queryKeyValue.count) floats of \(time) positions do not fit into a cache of \(shape)")
        let (source, width, headWidth) = (queryKeyValue.pointer, shape.width, shape.headWidth)
        Parallel.forEach(shape.batch * shape.heads) { index in
            let (text, head) = (index / shape.heads, index % shape.heads)
            let key = source + text * time * 3 * width + width + head * headWidth
            let keys = view.keys(text, head)
            transposeBlock(
                from: key, stride: 3 * width, rows: time, columns: headWidth, to: keys.start, stride: keys.rowStride)
            let values = view.values(text, head)
            for position in 0..<time {
                values.row(position).update(from: key + width + position * 3 * width, count: headWidth)
            }
        }
    }

    /// Appends the key and value of one new token per text, and computes its head outputs.
    ///
    /// - Parameters:
    ///   - queryKeyValue: Query, key and value of each text; the queries are scaled in place. Shape: (B, 3C)
    ///   - position: Tokens of each text in the cache so far, from 0 up to, not including, ``capacity``.
    ///   - output: The head outputs. Shape: (B, C)
    package func attend(_ queryKeyValue: Buffer, position: Int, output: Buffer) {
        let (shape, tokens) = (view.shape, view.shape.batch * view.shape.width)
        require(
            position >= 0 && position < capacity && queryKeyValue.count == 3 * tokens && output.count == tokens,
            "\(queryKeyValue.count) floats at position \(position) of a cache of \(shape)")
        view.attend(queryKeyValue.pointer, position: position, heads: 0..<shape.heads, output: output.pointer)
    }

    /// The attention weights of the last token, when `count` tokens are in the cache.
    ///
    /// Shape: (count)
    package func lastWeights(text: Int, head: Int, count: Int) -> [Float] {
        require(
            (0...capacity).contains(count) && (0..<view.shape.batch).contains(text)
                && (0..<view.shape.heads).contains(head),
            "\(count) weights of head \(head), text \(text) in a cache of \(view.shape)")
        return withExtendedLifetime(self) {
            Array(UnsafeBufferPointer(start: view.weights(text, head), count: count))
        }
    }

    /// Where keys, weights and values are in the memory of one head of one text, as offsets in floats.
    struct HeadLayout {
        /// The distance from one channel of the keys to the next, and the room for the weights: whole register tiles, so
        /// that no product ends within one.
        let stride: Int
        let keys: Int, weights: Int, values: Int
        /// Floats of that memory, padded.
        let count: Int

        init(_ shape: AttentionShape) {
            stride = Self.roundedUp(shape.time)
            var layout = WorkspaceLayout()
            keys = layout.take(shape.headWidth * stride)
            weights = layout.take(stride)
            values = layout.take(shape.time * shape.headWidth)
            layout.pad()
            count = layout.count
        }

        /// Rounds up to the columns that ``SkinnyMatmul`` computes at a time.
        static func roundedUp(_ count: Int) -> Int {
            let step = 2 * vectorWidth
            return (count + step - 1) / step * step
        }
    }

    /// The cache as addresses, which are not reference-counted by the threads that go through them, each with its heads.
    struct View: @unchecked Sendable {
        let shape: AttentionShape
        fileprivate let layout: HeadLayout
        fileprivate let memory: UnsafeMutablePointer<Float>

        private func memory(_ text: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
            memory + (head * shape.batch + text) * layout.count
        }

        /// Shape: (D, stride)
        func keys(_ text: Int, _ head: Int) -> MatrixView {
            MatrixView(start: memory(text, head) + layout.keys, rows: shape.headWidth, columns: layout.stride)
        }

        /// Shape: (stride)
        func weights(_ text: Int, _ head: Int) -> UnsafeMutablePointer<Float> { memory(text, head) + layout.weights }

        /// Shape: (T, D)
        func values(_ text: Int, _ head: Int) -> MatrixView {
            MatrixView(start: memory(text, head) + layout.values, rows: shape.time, columns: shape.headWidth)
        }

        /// ``KeyValueCache/attend(_:position:output:)`` for a range of heads.
        func attend(
            _ queryKeyValue: UnsafeMutablePointer<Float>, position: Int, heads: Range<Int>,
            output: UnsafeMutablePointer<Float>
        ) {
            let (width, headWidth) = (shape.width, shape.headWidth)
            for text in 0..<shape.batch {
                for head in heads {
                    let query = queryKeyValue + text * 3 * width + head * headWidth
                    let (keys, values) = (keys(text, head), values(text, head))
                    for channel in 0..<headWidth { keys.row(channel)[position] = query[width + channel] }
                    values.row(position).update(from: query + 2 * width, count: headWidth)
                    attend(
                        query, keys, values.rows(0..<position + 1), weights: weights(text, head),
                        output: output + text * width + head * headWidth)
                }
            }
        }

        private func attend(
            _ query: UnsafeMutablePointer<Float>, _ keys: MatrixView, _ values: MatrixView,
            weights: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>
        ) {
            let (count, headWidth) = (values.rows, values.columns)
            func row(_ start: UnsafeMutablePointer<Float>, _ columns: Int) -> MatrixView {
                MatrixView(start: start, rows: 1, columns: columns)
            }
            AttentionKernel.scaleRow(query, by: 1 / Float(headWidth).squareRoot(), headWidth, into: query)
            let limit = HeadLayout.roundedUp(count)
            SkinnyMatmul.multiply(row(query, headWidth), keys, columns: 0..<limit, into: row(weights, limit))
            let sum = AttentionKernel.exponentiate(weights, count: count, upTo: limit).sum
            AttentionKernel.scaleRow(weights, by: 1 / sum, count, into: weights)
            SkinnyMatmul.multiply(row(weights, count), values, columns: 0..<headWidth, into: row(output, headWidth))
        }
    }
}
