/// The KV cache of one block: keys and values of the tokens so far of N texts, and the attention of one new token per text
/// to them.
///
/// Keys are stored transposed, so that scores and head outputs are both skinny products. Each head's part is padded against
/// false sharing, because heads belong to different threads.
package final class KeyValueCache: Sendable {
    /// The most tokens of a text.
    package var capacity: Int { view.shape.time }
    let view: View
    /// What the view's addresses lie in.
    private let memory: Buffer

    /// An empty cache.
    ///
    /// - Parameter shape: N, H and D; the time T is the capacity.
    package init(_ shape: AttentionShape) {
        memory = Buffer(uninitialized: shape.heads * shape.batch * View.floatsPerHead(shape))
        view = View(shape, memory.pointer)
    }

    /// Replaces the contents by the keys and values of whole passages: the prefill.
    ///
    /// - Parameters:
    ///   - queryKeyValue: Queries, keys and values of every position. Shape: (N, `time`, 3C)
    ///   - time: Tokens of each passage, at most ``capacity``.
    package func fill(from queryKeyValue: Buffer, time: Int) {
        let (view, shape) = (view, view.shape)
        require(
            time <= shape.time && queryKeyValue.count == shape.batch * time * 3 * shape.channels,
            "\(queryKeyValue.count) floats of \(time) positions do not fit into a cache of \(shape)")
        let (source, channels, width) = (queryKeyValue.pointer, shape.channels, shape.headWidth)
        Parallel.forEach(shape.batch * shape.heads) { index in
            let (text, head) = (index / shape.heads, index % shape.heads)
            let key = source + text * time * 3 * channels + channels + head * width
            transposeBlock(
                from: key, stride: 3 * channels, rows: time, columns: width, to: view.keys(text, head).start,
                stride: view.stride)
            let values = view.values(text, head)
            for position in 0..<time {
                values.row(position).update(from: key + channels + position * 3 * channels, count: width)
            }
        }
    }

    /// Appends the key and value of one new token per text, and computes its head outputs.
    ///
    /// - Parameters:
    ///   - queryKeyValue: Query, key and value of each text; the queries are scaled in place. Shape: (N, 3C)
    ///   - position: Tokens in the cache so far, less than ``capacity``.
    ///   - output: The head outputs. Shape: (N, C)
    package func attend(_ queryKeyValue: Buffer, position: Int, output: Buffer) {
        let (shape, tokens) = (view.shape, view.shape.batch * view.shape.channels)
        require(
            position < capacity && queryKeyValue.count == 3 * tokens && output.count == tokens,
            "\(queryKeyValue.count) floats at position \(position) of a cache of \(shape)")
        view.attend(queryKeyValue.pointer, position: position, heads: 0..<shape.heads, output: output.pointer)
    }

    /// The attention weights of the last token, when `count` tokens are in the cache.
    ///
    /// Shape: (count)
    package func lastWeights(text: Int, head: Int, count: Int) -> [Float] {
        require(
            count <= capacity && (0..<view.shape.batch).contains(text) && (0..<view.shape.heads).contains(head),
            "\(count) weights of head \(head), text \(text) in a cache of \(view.shape)")
        return withExtendedLifetime(self) {
            Array(UnsafeBufferPointer(start: view.weights(text, head), count: count))
        }
    }

    /// The cache as addresses, which count no references when several threads go through them, each with its heads.
    struct View: @unchecked Sendable {
        let shape: AttentionShape
        /// The distance from one channel of the keys to the next, and the room for the weights: whole register tiles, so
        /// that no product ends within one.
        let stride: Int
        private let memory: UnsafeMutablePointer<Float>

        init(_ shape: AttentionShape, _ memory: UnsafeMutablePointer<Float>) {
            (self.shape, self.memory) = (shape, memory)
            stride = Self.roundedUp(shape.time)
        }

        /// Keys, weights and values of one head of one text.
        static func floatsPerHead(_ shape: AttentionShape) -> Int {
            Buffer.padded((shape.headWidth + 1) * roundedUp(shape.time) + shape.time * shape.headWidth)
        }

        /// Rounds up to the columns that ``SkinnyMatmul`` computes at a time.
        private static func roundedUp(_ count: Int) -> Int {
            let step = 2 * vectorWidth
            return (count + step - 1) / step * step
        }

        /// Shape: (D, stride)
        func keys(_ text: Int, _ head: Int) -> MatrixView {
            let start = memory + (head * shape.batch + text) * Self.floatsPerHead(shape)
            return MatrixView(start: start, rows: shape.headWidth, columns: stride)
        }

        /// Shape: (stride)
        func weights(_ text: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
            keys(text, head).row(shape.headWidth)
        }

        /// Shape: (T, D)
        func values(_ text: Int, _ head: Int) -> MatrixView {
            MatrixView(start: weights(text, head) + stride, rows: shape.time, columns: shape.headWidth)
        }

        /// ``KeyValueCache/attend(_:position:output:)`` for a range of heads.
        func attend(
            _ queryKeyValue: UnsafeMutablePointer<Float>, position: Int, heads: Range<Int>,
            output: UnsafeMutablePointer<Float>
        ) {
            let (channels, width) = (shape.channels, shape.headWidth)
            for text in 0..<shape.batch {
                for head in heads {
                    let query = queryKeyValue + text * 3 * channels + head * width
                    let (keys, values) = (keys(text, head), values(text, head))
                    for channel in 0..<width { keys.row(channel)[position] = query[channels + channel] }
                    values.row(position).update(from: query + 2 * channels, count: width)
                    attend(
                        query, keys, values.rows(0..<position + 1), weights: weights(text, head),
                        output: output + text * channels + head * width)
                }
            }
        }

        private func attend(
            _ query: UnsafeMutablePointer<Float>, _ keys: MatrixView, _ values: MatrixView,
            weights: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>
        ) {
            let (count, width) = (values.rows, values.columns)
            func row(_ start: UnsafeMutablePointer<Float>, _ columns: Int) -> MatrixView {
                MatrixView(start: start, rows: 1, columns: columns)
            }
            AttentionKernel.scaleRow(query, by: 1 / Float(width).squareRoot(), width, into: query)
            let limit = Self.roundedUp(count)
            SkinnyMatmul.multiply(row(query, width), keys, columns: 0..<limit, into: row(weights, limit))
            let sum = AttentionKernel.exponentiate(weights, count: count, upTo: limit).sum
            AttentionKernel.scaleRow(weights, by: 1 / sum, count, into: weights)
            SkinnyMatmul.multiply(row(weights, count), values, columns: 0..<width, into: row(output, width))
        }
    }
}
