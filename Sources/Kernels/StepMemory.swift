/// The memory that the new characters of N texts pass through on their way through a ``DecoderStep``: addresses, which are
/// the same for every block.
struct StepMemory {
    /// What the parts of a block contribute: what all threads share. Shape: (heads N, C)
    let ofAttention: MatrixElements, ofFeedForward: MatrixElements
    /// The characters. Shape: (N, C)
    let h: MatrixElements, normalised: MatrixElements
    /// What is made of them, of which a thread fills its part. Shape: (N, 3C), (N, C), (N, 4C)
    let queryKeyValue: MatrixElements, gathered: MatrixElements, wide: MatrixElements

    /// Lays it out for a thread in `memory`, which has room for ``count(_:threads:)`` floats.
    init(_ shape: AttentionShape, _ memory: UnsafeMutablePointer<Float>, thread: Int) {
        let (texts, channels) = (shape.batch, shape.channels)
        var free = memory
        func take(_ rows: Int, _ columns: Int) -> MatrixElements {
            defer { free += rows * columns }
            return MatrixElements(start: free, rows: rows, columns: columns)
        }
        ofAttention = take(shape.heads * texts, channels)
        ofFeedForward = take(shape.heads * texts, channels)
        free = memory + Self.sharedCount(shape) + thread * Self.ownCount(shape)
        h = take(texts, channels)
        normalised = take(texts, channels)
        queryKeyValue = take(texts, 3 * channels)
        gathered = take(texts, channels)
        wide = take(texts, 4 * channels)
    }

    /// How many floats it takes.
    static func count(_ shape: AttentionShape, threads: Int) -> Int {
        sharedCount(shape) + threads * ownCount(shape)
    }

    private static func sharedCount(_ shape: AttentionShape) -> Int {
        Buffer.apart(2 * shape.heads * shape.batch * shape.channels)
    }

    private static func ownCount(_ shape: AttentionShape) -> Int { Buffer.apart(10 * shape.batch * shape.channels) }
}
