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
    /// were picked (`Gradients.rows(of:)`), which for a large table saves most of the backward pass.
    ///
    /// Shape: (V, C), indices in the given shape (B, T) -> (B, T, C)
    ///
    /// - Precondition: Each index is from 0 up to, not including, V, and there are as many as the shape has.
    public func sparseRows(_ indices: [Int32], shape: Shape) -> Tensor {
        guard let node, node.isParameter else { return rows(indices, shape: shape) }
        precondition(indices.allSatisfy { $0 >= 0 }, "an index is negative")
        let (distinct, places) = Gradients.RowGradient.distinct(indices)
        let usedShape: Shape = [distinct.count, shape2.1]
        let used = Buffer(uninitialized: usedShape.count)
        EmbeddingKernel.gather(buffer, width: shape2.1, indices: distinct, output: used)
        return Tensor(
            shape: usedShape, buffer: used,
            node: Node(operation: "rows", result: used, shape: usedShape, inputs: [node], rows: distinct)
        ).rows(places, shape: shape)
    }

    /// The first `count` rows of this constant table.
    ///
    /// Shape: (N, C) -> (count, C)
    ///
    /// - Precondition: The tensor is a constant with two axes, and the rows are among its N.
    package func prefix(count: Int) -> Tensor {
        let (rows, _) = shape2
        precondition(!isTracked, "rows of a table that is not a constant")
        precondition(count >= 0 && count <= rows, "the first \(count) rows of a table of \(rows)")
        return self.rows((0..<count).map { Int32($0) }, shape: [count])
    }
}
