import Kernels

/// The partial derivatives of a scalar with respect to each parameter it was computed from, and to the intermediate results
/// that were asked for.
///
/// Every backward pass returns gradients of its own. Nothing accumulates, so there is no `zero_grad` to forget.
public struct Gradients {
    // By the numbers of nodes, which unlike addresses are not used again.
    private var buffers: [Int: Buffer] = [:]
    private var rowGradients: [Int: RowGradient] = [:]
    /// The intermediate results whose gradients are kept.
    private var kept: Set<Int>

    /// The gradient of some rows of a table; that of the others is zero.
    package struct RowGradient {
        /// Which rows, each once.
        package let rows: [Int32]
        /// Shape: (rows, C)
        package let buffer: Buffer

        /// A gradient of some rows, each once.
        package init(rows: [Int32], buffer: Buffer) { (self.rows, self.buffer) = (rows, buffer) }

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

    fileprivate init(keeping kept: Set<Int>) { self.kept = kept }

    /// Gradients that were computed elsewhere; those of rows are parts of a sum, in its order.
    package init(_ gradients: [(Tensor, Buffer)], rows: [(Tensor, [RowGradient])]) {
        kept = []
        for case let (node?, buffer) in gradients.map({ ($0.0.node, $0.1) }) { buffers[node.number] = buffer }
        for case let (node?, parts) in rows.map({ ($0.0.node, $0.1) }) {
            rowGradients[node.number] = parts.dropFirst().reduce(parts[0], +)
        }
    }

    fileprivate func keeps(_ node: Node) -> Bool { kept.contains(node.number) }

    fileprivate mutating func set(_ buffer: Buffer, for node: Node) {
        guard let rows = node.rows, let table = node.inputs[0] else { return buffers[node.number] = buffer }
        let part = RowGradient(rows: rows, buffer: buffer)
        let key = table.number
        rowGradients[key] = rowGradients[key].map { $0 + part } ?? part
    }

    /// The gradient of the rows that ``Tensor/sparseRows(_:shape:)`` has picked from a table, nil if it has picked none.
    package func rows(of table: Tensor) -> RowGradient? {
        table.node.flatMap { rowGradients[$0.number] }
    }

    /// Adds the gradients of another scalar, for the gradient of the sum of both.
    public static func += (total: inout Gradients, other: Gradients) {
        for (key, buffer) in other.buffers {
            total.buffers[key] = Tensor.sum(total.buffers.removeValue(forKey: key), buffer)
        }
        for (key, part) in other.rowGradients {
            total.rowGradients[key] = total.rowGradients[key].map { $0 + part } ?? part
        }
        total.kept.formUnion(other.kept)
    }

    /// The gradient with respect to a parameter or to a result that was asked for, in its shape; zero if the scalar does not
    /// depend on it.
    ///
    /// - Precondition: The tensor is a ``Tensor/parameter(_:shape:)``, or a result that ``Tensor/gradients(keeping:keepingAll:)``
    ///   was to keep. Gradients of other intermediate results are freed during the backward pass.
    public subscript(tensor: Tensor) -> Tensor {
        precondition(
            tensor.node.map { $0.isParameter || keeps($0) } ?? false,
            "gradients are kept for parameters only, not for "
                + (tensor.node.map { "the result of '\($0.operation)', unless they are asked for" } ?? "a constant"))
        return Tensor(
            shape: tensor.shape, buffer: buffer(for: tensor) ?? Buffer(repeating: 0, count: tensor.shape.count))
    }

    /// The derivative with respect to a node that is one number; nil if it was not kept.
    func scalar(ofNode number: Int) -> Float? {
        buffers[number].flatMap { $0.count == 1 ? $0[0] : nil }
    }

    /// The gradient with respect to a parameter, nil if the scalar does not depend on it; that of picked rows among zeros.
    package func buffer(for parameter: Tensor) -> Buffer? {
        guard let node = parameter.node else { return nil }
        let dense = buffers[node.number]
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
    /// The backward pass frees what each operation has saved as soon as it has used it, and the gradients of intermediate
    /// results unless they are asked for (PyTorch's `retain_grad`). So it can run only once; to run it again, compute the
    /// scalar again.
    ///
    ///     let x = Tensor.parameter(3)
    ///     let square = x * x
    ///     let gradients = (square * 2).gradients(keeping: [square])
    ///     print(gradients[x], gradients[square])  // 12.0 2.0
    ///
    /// - Parameters:
    ///   - results: Intermediate results whose gradients are kept, too.
    ///   - keepingAll: Whether those of all intermediate results are, as for a small graph that is drawn with them.
    /// - Returns: The gradients.
    /// - Precondition: The tensor has one element, depends on a parameter, and its gradients were not yet taken.
    public consuming func gradients(keeping results: [Tensor] = [], keepingAll: Bool = false) -> Gradients {
        gradients(keeping: results, keepingAll: keepingAll, whenComplete: nil)
    }

    /// As ``gradients(keeping:keepingAll:)``, and calls `whenComplete` with the gradient of each parameter, by its
    /// ``parameterNumber``, as soon as nothing more is added to it: most of them while the backward pass still runs.
    package consuming func gradients(
        keeping results: [Tensor] = [], keepingAll: Bool = false,
        whenComplete: ((_ parameter: Int, _ gradient: Buffer) -> Void)?
    ) -> Gradients {
        precondition(shape.count == 1, "gradients are those of a scalar, got the shape \(shape)")
        guard let root = node else {
            preconditionFailure("a constant has no gradients: it was not computed from a parameter")
        }
        precondition(!root.isConsumed, "the gradients of this scalar have already been taken; compute it again")

        let nodes = whenComplete == nil ? root.ancestors : root.ancestorsWithEarlyParameters
        var result = Gradients(keeping: Set((keepingAll ? nodes : results.compactMap(\.node)).map(\.number)))
        var pending = [root.number: Buffer(repeating: 1, count: 1)]
        for node in nodes {
            guard let gradient = pending.removeValue(forKey: node.number) else { continue }
            guard let backward = node.backward else {
                precondition(
                    node.isParameter || node.rows != nil,
                    "the gradients of a part of this graph have already been taken")
                result.set(gradient, for: node)
                if node.isParameter { whenComplete?(node.number, gradient) }
                continue
            }
            if result.keeps(node) { result.set(gradient, for: node) }
            let inputs = node.inputs
            let inputGradients = backward(gradient)
            node.consume()
            for case (let input?, let inputGradient?) in zip(inputs, inputGradients) {
                pending[input.number] = Self.sum(pending.removeValue(forKey: input.number), inputGradient)
            }
        }
        return result
    }

    /// The number by which gradients know this parameter, for as long as the process runs; nil for a constant.
    package var parameterNumber: Int? { node?.number }

    /// Adds a gradient to those of other uses of the same tensor, in place if their sum is not shared.
    fileprivate static func sum(_ parts: consuming Buffer?, _ further: Buffer) -> Buffer {
        guard var total = parts.take() else { return further }
        let sum = isKnownUniquelyReferenced(&total) ? total : Buffer(uninitialized: total.count)
        ElementwiseKernel.apply(.add, total, further, output: sum)
        return sum
    }
}
