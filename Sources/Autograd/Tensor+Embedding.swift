import Kernels

extension Tensor {
    /// Rows of this table, picked by index.
    ///
    /// Shape: (V, C), indices in the given shape (B, T) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - indices: Which rows; each from 0 up to V.
    ///   - shape: The shape of the indices.
    /// - Returns: The rows, in the order of the indices.
    public func rows(_ indices: [Int32], shape: Shape) -> Tensor {
        let (entries, channels) = shape2
        precondition(indices.count == shape.count, "\(indices.count) indices do not have the shape \(shape)")
        let output = Buffer(uninitialized: indices.count * channels)
        EmbeddingKernel.gather(buffer, channels: channels, indices: indices, output: output)
        return .recorded(
            "embedding", shape: Shape(shape.array + [channels]), buffer: output, inputs: [self]
        ) { gradient in
            let tableGradient = Buffer(uninitialized: entries * channels)
            EmbeddingKernel.scatterAdd(gradient, channels: channels, indices: indices, tableGradient: tableGradient)
            return [tableGradient]
        }
    }

    /// The first rows of this constant table.
    ///
    /// Shape: (N, C) -> (count, C)
    package func prefix(from start: Int = 0, count: Int) -> Tensor {
        let (rows, _) = shape2
        precondition(!isTracked && start + count <= rows, "rows \(start)..<\(start + count) of a table of \(rows)")
        return self.rows((start..<start + count).map { Int32($0) }, shape: [count])
    }
}
