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

    /// Rows of this table, picked by index, as ``rows(_:shape:)`` does; of a parameter, the gradient holds only those rows that
    /// were picked (``Gradients/rows(of:)``), which for a large table saves most of the backward pass.
    ///
    /// Shape: (V, C), indices in the given shape (B, T) -> (B, T, C)
    public func sparseRows(_ indices: [Int32], shape: Shape) -> Tensor {
        let (entries, channels) = shape2
        guard let node, node.isParameter else { return rows(indices, shape: shape) }
        var places = [Int32](repeating: -1, count: entries)
        var distinct: [Int32] = []
        let local = indices.map { index in
            if places[Int(index)] < 0 {
                places[Int(index)] = Int32(distinct.count)
                distinct.append(index)
            }
            return places[Int(index)]
        }
        let used = Buffer(uninitialized: distinct.count * channels)
        EmbeddingKernel.gather(buffer, channels: channels, indices: distinct, output: used)
        let leaf = Tensor(
            shape: [distinct.count, channels], buffer: used,
            node: Node(rows: distinct, of: node, shape: [distinct.count, channels]))
        return leaf.rows(local, shape: shape)
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
