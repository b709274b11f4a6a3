/// The keys and values of the characters so far of N texts, in one block, and attention of one new character per text to
/// them.
///
/// It is addresses and counts no references, since several threads, each with its heads, go through it at the same time;
/// whoever makes one holds the memory. Keys are stored transposed: so scores and output are both products with a matrix.
/// What belongs to a head lies together, apart from the others, which may be another thread's.
package struct KeyValueCache {
    private let shape: AttentionShape
    /// The distance from one channel of the keys to the next, and from the weights to the values: whole registers, so that no
    /// product ends within one.
    private let stride: Int
    private let memory: UnsafeMutablePointer<Float>

    /// The cache in `memory`, which has room for ``count(_:)`` floats; the time of the shape is its capacity.
    package init(_ shape: AttentionShape, _ memory: Buffer) {
        require(memory.count == Self.count(shape), "\(memory.count) floats for a cache of \(Self.count(shape))")
        self.shape = shape
        stride = Self.roundedUp(shape.time)
        self.memory = memory.pointer
    }

    /// How many floats it takes.
    package static func count(_ shape: AttentionShape) -> Int {
        shape.heads * shape.batch * floatsPerHead(shape)
    }

    /// What a head of one text takes.
    private static func floatsPerHead(_ shape: AttentionShape) -> Int {
        Buffer.apart((shape.headWidth + 1) * roundedUp(shape.time) + shape.time * shape.headWidth)
    }

    /// Characters, rounded up to what ``MatrixVector`` takes at a time.
    private static func roundedUp(_ count: Int) -> Int {
        let step = 2 * vectorWidth
        return (count + step - 1) / step * step
    }

    /// Shape: (headWidth, stride)
    private func keys(_ text: Int, _ head: Int) -> MatrixElements {
        let start = memory + (head * shape.batch + text) * Self.floatsPerHead(shape)
        return MatrixElements(start: start, rows: shape.headWidth, columns: stride)
    }

    /// Shape: (time, headWidth)
    private func values(_ text: Int, _ head: Int) -> MatrixElements {
        MatrixElements(start: weights(text, head) + stride, rows: shape.time, columns: shape.headWidth)
    }

    /// Shape: (stride)
    private func weights(_ text: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
        keys(text, head).row(shape.headWidth)
    }

    /// What a head of a text looked at when the last of `count` characters was new.
    ///
    /// Shape: (count)
    package func lastWeights(text: Int, head: Int, count: Int) -> [Float] {
        require(count <= shape.time, "\(count) characters in a cache of \(shape.time)")
        return Array(UnsafeBufferPointer(start: weights(text, head), count: count))
    }

    /// Appends the new character's key and value and computes its output, for some of the heads.
    ///
    /// Shape: `queryKeyValue` (batch, 3 x channels) -> `output` (batch, channels)
    ///
    /// - Parameters:
    ///   - queryKeyValue: Query, key and value of the new character of each text. The queries are scaled in place.
    ///   - position: How many characters there are already.
    ///   - heads: Which heads to compute.
    ///   - output: The weighted values.
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
        _ query: UnsafeMutablePointer<Float>, _ keys: MatrixElements, _ values: MatrixElements,
        weights: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        let (count, width) = (values.rows, values.columns)
        func row(_ start: UnsafeMutablePointer<Float>, _ columns: Int) -> MatrixElements {
            MatrixElements(start: start, rows: 1, columns: columns)
        }
        AttentionKernel.scaleRow(query, by: 1 / Float(width).squareRoot(), width, into: query)
        let limit = Self.roundedUp(count)
        MatrixVector.multiply(row(query, width), keys, columns: 0..<limit, into: row(weights, limit))
        let sum = AttentionKernel.exponentiate(weights, count: count, upTo: limit).sum
        AttentionKernel.scaleRow(weights, by: 1 / sum, count, into: weights)
        MatrixVector.multiply(row(weights, count), values, columns: 0..<width, into: row(output, width))
    }

    /// Takes over the keys and values of whole passages; what was there before is forgotten.
    ///
    /// Shape: `queryKeyValue` (batch, time, 3 x channels)
    package func fill(from queryKeyValue: Buffer, time: Int) {
        require(
            time <= shape.time && queryKeyValue.count == shape.batch * time * 3 * shape.channels,
            "\(queryKeyValue.count) floats of \(time) positions do not go into a cache of \(shape)")
        let (source, channels, width) = (queryKeyValue.pointer, shape.channels, shape.headWidth)
        Parallel.forEach(shape.batch * shape.heads) { index in
            let (text, head) = (index / shape.heads, index % shape.heads)
            let key = source + text * time * 3 * channels + channels + head * width
            transposeBlock(
                from: key, stride: 3 * channels, rows: time, columns: width, to: keys(text, head).start, stride: stride)
            let values = values(text, head)
            for position in 0..<time {
                values.row(position).update(from: key + channels + position * 3 * channels, count: width)
            }
        }
    }
}
