import Kernels

/// The partial derivatives of a scalar with respect to each parameter it was computed from.
///
/// Every backward pass returns gradients of its own. Nothing accumulates, so there is no `zero_grad` to forget.
public struct Gradients {
    private var buffers: [ObjectIdentifier: Buffer] = [:]

    fileprivate init() {}

    fileprivate mutating func set(_ buffer: Buffer, for node: Node) { buffers[ObjectIdentifier(node)] = buffer }

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

    /// The gradient with respect to a parameter, nil if the scalar does not depend on it.
    package func buffer(for parameter: Tensor) -> Buffer? {
        guard let node = parameter.node else { return nil }
        return buffers[ObjectIdentifier(node)]
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
                precondition(node.isParameter, "the gradients of a part of this graph have already been taken")
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
    private static func sum(_ parts: consuming Buffer?, _ further: Buffer) -> Buffer {
        guard var total = parts.take() else { return further }
        let sum = isKnownUniquelyReferenced(&total) ? total : Buffer(uninitialized: total.count)
        ElementwiseKernel.apply(.add, total, further, output: sum)
        return sum
    }
}
