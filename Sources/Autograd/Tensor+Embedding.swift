import Kernels

extension Tensor {
    /// Rows of this table, selected by index (an embedding lookup). The gradient of a row is the sum over its uses.
    ///
    /// Shape: (V, C), indices in the given shape (B, T) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - indices: The rows' numbers, each from 0 up to, not including, V.
    ///   - shape: The shape of the indices, of at most three axes.
    /// - Returns: The rows, in the order of the indices.
    /// - Precondition: The tensor has two axes, the indices have the shape, and each is the number of a row.
    public func rows(_ indices: [Int32], shape: Shape) -> Tensor {
        let (entries, width) = shape2
        precondition(indices.count == shape.count, "\(indices.count) indices do not have the shape \(shape)")
        let output = Buffer(uninitialized: indices.count * width)
        EmbeddingKernel.gather(buffer, width: width, indices: indices, output: output)
        return .recorded(
            "embedding", shape: Shape(shape.array + [width]), buffer: output, inputs: [self]
        ) { gradient in
            let tableGradient = Buffer(uninitialized: entries * width)
            EmbeddingKernel.scatterAdd(gradient, width: width, indices: indices, tableGradient: tableGradient)
            return [tableGradient]
        }
    }

    /// Rows of this table, picked by index, as ``rows(_:shape:)`` does; of a parameter, the gradient holds only those rows that
    /// were picked (``Gradients/rows(of:)``), which for a large table saves most of the backward pass.
    ///
    /// Shape: (V, C), indices in the given shape (B, T) -> (B, T, C)
    public func sparseRows(_ indices: [Int32], shape: Shape) -> Tensor {
        let (entries, width) = shape2
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
        let used = Buffer(uninitialized: distinct.count * width)
        EmbeddingKernel.gather(buffer, width: width, indices: distinct, output: used)
        let leaf = Tensor(
            shape: [distinct.count, width], buffer: used,
            node: Node(rows: distinct, of: node, shape: [distinct.count, width]))
        return leaf.rows(local, shape: shape)
    }

    /// `count` rows of this constant table from `start` on.
    ///
    /// Shape: (N, C) -> (count, C)
    ///
    /// - Precondition: The tensor is a constant with two axes, and the rows are among its N.
    package func prefix(from start: Int = 0, count: Int) -> Tensor {
        let (rows, _) = shape2
        precondition(!isTracked, "rows of a table that is not a constant")
        precondition(
            start >= 0 && count >= 0 && start + count <= rows, "\(count) rows from \(start) on of a table of \(rows)")
        return self.rows((start..<start + count).map { Int32($0) }, shape: [count])
    }
}
