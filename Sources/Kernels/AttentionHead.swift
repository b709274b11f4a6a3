import CPUSupport

/// One head of one text: where its queries, keys and values lie, and copies of them in the order the tiles want.
struct AttentionHead {
    /// Characters, and channels of this head.
    let time: Int, width: Int
    /// The same, rounded up so that tiles never stick out.
    let paddedTime: Int, paddedWidth: Int
    /// What scores are multiplied by: 1 / sqrt(width).
    let scale: Float
    /// The first element of each third of the input, and the distance from one position to the next.
    let query: UnsafePointer<Float>, key: UnsafePointer<Float>, value: UnsafePointer<Float>
    let stride: Int
    /// Where this head's part of the output begins, and the distance from one position to the next there.
    let outputOffset: Int, outputStride: Int
    /// Where this head's part of the input begins.
    let inputOffset: Int

    /// Head `index % heads` of text `index / heads`.
    init(_ shape: AttentionShape, _ index: Int, _ queryKeyValue: UnsafePointer<Float>) {
        let (text, head) = (index / shape.heads, index % shape.heads)
        time = shape.time
        width = shape.headWidth
        let step = tileColumns % 8 == 0 ? tileColumns : 2 * tileColumns
        paddedTime = (time + step - 1) / step * step
        paddedWidth = (width + tileColumns - 1) / tileColumns * tileColumns
        scale = 1 / Float(width).squareRoot()
        stride = 3 * shape.channels
        inputOffset = text * time * stride + head * width
        outputStride = shape.channels
        outputOffset = text * time * outputStride + head * width
        query = queryKeyValue + inputOffset
        key = query + shape.channels
        value = key + shape.channels
    }

    /// Copies all positions, transposed and padded with zeros.
    ///
    /// Shape: (time, width) -> (width, paddedTime)
    func copyTransposed(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
        transposeBlock(from: source, stride: stride, rows: time, columns: width, to: target, stride: paddedTime)
        guard paddedTime > time else { return }
        for channel in 0..<width {
            (target + channel * paddedTime + time).update(repeating: 0, count: paddedTime - time)
        }
    }

    /// Copies some positions, multiplied by `scale` and padded with zeros.
    ///
    /// Shape: (rows, width) -> (rows, paddedWidth)
    @inline(__always)
    func copyRows(
        _ source: UnsafePointer<Float>, rows: Range<Int>, stride: Int, scale: Float,
        to target: UnsafeMutablePointer<Float>
    ) {
        for (row, position) in rows.enumerated() {
            let (from, to) = (source + position * stride, target + row * paddedWidth)
            forEachVector(width) { channel, lanes in
                (Vector(at: from + channel, lanes: lanes) * Vector(repeating: scale)).store(
                    to: to + channel, lanes: lanes)
            }
            (to + width).update(repeating: 0, count: paddedWidth - width)
        }
    }
}
