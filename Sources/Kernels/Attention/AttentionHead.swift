import CPUSupport

/// One attention head of one text: where its queries, keys and values are, and how they are packed for the microkernel.
struct AttentionHead {
    /// Positions T and head width D.
    let time: Int, headWidth: Int
    /// The same, rounded up to whole register tiles.
    let paddedTime: Int, paddedHeadWidth: Int
    /// The factor of the scores: 1 / sqrt(D).
    let scale: Float
    /// The first element of query, key and value, and the distance from one position to the next.
    let query: UnsafePointer<Float>, key: UnsafePointer<Float>, value: UnsafePointer<Float>
    let stride: Int
    /// The offset of this head's part of the output, and the distance from one position to the next there.
    let outputOffset: Int, outputStride: Int
    /// The offset of this head's part of the input.
    let inputOffset: Int

    /// Head `index % heads` of text `index / heads`.
    init(_ shape: AttentionShape, _ index: Int, _ queryKeyValue: UnsafePointer<Float>) {
        let (text, head) = (index / shape.heads, index % shape.heads)
        time = shape.time
        headWidth = shape.headWidth
        let step = tileColumns % 8 == 0 ? tileColumns : 2 * tileColumns
        paddedTime = (time + step - 1) / step * step
        paddedHeadWidth = (headWidth + tileColumns - 1) / tileColumns * tileColumns
        scale = 1 / Float(headWidth).squareRoot()
        stride = 3 * shape.width
        inputOffset = text * time * stride + head * headWidth
        outputStride = shape.width
        outputOffset = text * time * outputStride + head * headWidth
        query = queryKeyValue + inputOffset
        key = query + shape.width
        value = key + shape.width
    }

    /// Packs all positions, transposed and padded with zeros.
    ///
    /// Shape: (time, headWidth) -> (headWidth, paddedTime)
    func packTransposed(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
        transposeBlock(from: source, stride: stride, rows: time, columns: headWidth, to: target, stride: paddedTime)
        guard paddedTime > time else { return }
        for channel in 0..<headWidth {
            (target + channel * paddedTime + time).update(repeating: 0, count: paddedTime - time)
        }
    }

    /// Packs a range of positions, multiplied by `scale` and padded with zeros.
    ///
    /// Shape: (rows, headWidth) -> (rows, paddedHeadWidth)
    @inline(__always)
    func packRows(
        _ source: UnsafePointer<Float>, rows: Range<Int>, stride: Int, scale: Float,
        to target: UnsafeMutablePointer<Float>
    ) {
        for (row, position) in rows.enumerated() {
            let (from, to) = (source + position * stride, target + row * paddedHeadWidth)
            forEachVector(headWidth) { channel, lanes in
                (Vector(at: from + channel, lanes: lanes) * Vector(repeating: scale)).store(
                    to: to + channel, lanes: lanes)
            }
            (to + headWidth).update(repeating: 0, count: paddedHeadWidth - headWidth)
        }
    }
}
