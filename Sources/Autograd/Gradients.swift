import Kernels

/// The partial derivatives of a scalar with respect to each parameter it was computed from.
///
/// Every backward pass returns gradients of its own. Nothing accumulates, so there is no `zero_grad` to forget.
public struct Gradients {
    private var buffers: [ObjectIdentifier: Buffer] = [:]
    private var rowGradients: [ObjectIdentifier: RowGradient] = [:]

    /// The gradient of some rows of a table; that of the others is zero.
    package struct RowGradient {
        /// Which rows, each once.
        package let rows: [Int32]
        /// Shape: (rows, C)
        package let buffer: Buffer

        /// The sum of two gradients.
        fileprivate static func + (a: RowGradient, b: RowGradient) -> RowGradient {
            let (rows, places) = distinct(a.rows + b.rows)
            guard !rows.isEmpty else { return a }
            let parts = Buffer(a.buffer.array + b.buffer.array)
            let width = parts.count / places.count
            let sum = Buffer(uninitialized: rows.count * width)
            EmbeddingKernel.scatterAdd(parts, width: width, indices: places, tableGradient: sum)
            return RowGradient(rows: rows, buffer: sum)
        }

        /// The distinct rows in the order of their first use, and the place of each index among them.
        static func distinct(_ indices: [Int32]) -> (rows: [Int32], places: [Int32]) {
            var known = [Int32](repeating: -1, count: Int(indices.max() ?? -1) + 1)
            var rows: [Int32] = []
            let places = indices.map { index in
                if known[Int(index)] < 0 {
                    known[Int(index)] = Int32(rows.count)
                    rows.append(index)
                }
                return known[Int(index)]
            }
            return (rows, places)
        }
    }

    fileprivate init() {}

    fileprivate mutating func set(_ buffer: Buffer, for node: Node) {
        guard let rows = node.rows, let table = node.inputs[0] else { return buffers[ObjectIdentifier(node)] = buffer }
        let part = RowGradient(rows: rows, buffer: buffer)
        let key = ObjectIdentifier(table)
        rowGradients[key] = rowGradients[key].map { $0 + part } ?? part
    }

    /// The gradient of the rows that ``Tensor/sparseRows(_:shape:)`` has picked from a table, nil if it has picked none.
    package func rows(of table: Tensor) -> RowGradient? {
        table.node.flatMap { rowGradients[ObjectIdentifier($0)] }
    }

    /// Adds the gradients of another scalar, for the gradient of the sum of both.
    public static func += (total: inout Gradients, other: Gradients) {
        for (key, buffer) in other.buffers {
            total.buffers[key] = Tensor.sum(total.buffers.removeValue(forKey: key), buffer)
        }
        for (key, part) in other.rowGradients {
            total.rowGradients[key] = total.rowGradients[key].map { $0 + part } ?? part
        }
    }

    /// The gradient with respect to a parameter, in its shape; zero if the scalar does not depend on it.
    ///
    /// - Precondition: The tensor is a ``Tensor/parameter(_:shape:)``. Gradients of intermediate results are freed during the
    ///   backward pass.
    public subscript(parameter: Tensor) -> Tensor {
        precondition(
            parameter.node?.isParameter == true,
            "gradients are kept for parameters only, not for "
                + (parameter.node.map { "the result of '\($0.operation)'" } ?? "a constant"))
        return Tensor(
            shape: parameter.shape,
            buffer: buffer(for: parameter) ?? Buffer(repeating: 0, count: parameter.shape.count))
    }

    /// The gradient with respect to a parameter, nil if the scalar does not depend on it; that of picked rows among zeros.
    package func buffer(for parameter: Tensor) -> Buffer? {
        guard let node = parameter.node else { return nil }
        let dense = buffers[ObjectIdentifier(node)]
        guard let used = rows(of: parameter) else { return dense }
        let gradient = Buffer(uninitialized: parameter.shape.count)
        EmbeddingKernel.scatterAdd(
            used.buffer, width: parameter.shape[-1], indices: used.rows, tableGradient: gradient)
        return Tensor.sum(dense, gradient)
    }
}

extension Tensor {
    /// The gradients of this scalar with respect to all parameters it was computed from, by reverse-mode differentiation.
    ///
    /// The backward pass frees what each operation has saved as soon as it has used it, so it can run only once; to run it
    /// again, compute the scalar again.
    ///
    /// - Precondition: The tensor has one element, depends on a parameter, and its gradients were not yet taken.
    public consuming func gradients() -> Gradients {
        precondition(shape.count == 1, "gradients are those of a scalar, got the shape \(shape)")
        guard let root = node else {
            preconditionFailure("a constant has no gradients: it was not computed from a parameter")
        }
        precondition(!root.isConsumed, "the gradients of this scalar have already been taken; compute it again")

        var result = Gradients()
        var pending = [ObjectIdentifier(root): Buffer(repeating: 1, count: 1)]
        for node in root.ancestors {
            guard let gradient = pending.removeValue(forKey: ObjectIdentifier(node)) else { continue }
            guard let backward = node.backward else {
                precondition(
                    node.isParameter || node.rows != nil,
                    "the gradients of a part of this graph have already been taken")
                result.set(gradient, for: node)
                continue
            }
            let inputs = node.inputs
            let inputGradients = backward(gradient)
            node.consume()
            for case (let input?, let inputGradient?) in zip(inputs, inputGradients) {
                let key = ObjectIdentifier(input)
                pending[key] = Self.sum(pending.removeValue(forKey: key), inputGradient)
            }
        }
        return result
    }

    /// Adds a gradient to those of other uses of the same tensor, in place if their sum is not shared.
    fileprivate static func sum(_ parts: consuming Buffer?, _ further: Buffer) -> Buffer {
        guard var total = parts.take() else { return further }
        let sum = isKnownUniquelyReferenced(&total) ? total : Buffer(uninitialized: total.count)
        ElementwiseKernel.apply(.add, total, further, output: sum)
        return sum
    }
}
