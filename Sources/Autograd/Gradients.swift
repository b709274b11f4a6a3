import Kernels

/// How a scalar depends on each parameter it was made from.
///
/// Every backward pass returns its own, so there is nothing to set to zero first and nothing to forget.
public struct Gradients {
    private var buffers: [ObjectIdentifier: Buffer] = [:]

    fileprivate init() {}

    fileprivate mutating func set(_ buffer: Buffer, for node: Node) { buffers[ObjectIdentifier(node)] = buffer }

    /// The gradient with respect to a parameter, in its shape; zero if the scalar does not depend on it.
    public subscript(parameter: Tensor) -> Tensor {
        Tensor(
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
    /// The gradients of this scalar with respect to all parameters it was made from.
    ///
    /// Walks the recorded graph backwards, and frees what each operation had kept as soon as it has been used. So a
    /// graph can be walked only once; to walk again, compute the scalar again.
    ///
    /// - Precondition: The tensor has one element, depends on a parameter, and its gradients were not yet taken.
    public consuming func gradients() -> Gradients {
        precondition(shape.count == 1, "gradients are those of a scalar, got the shape \(shape)")
        guard let root = node else {
            preconditionFailure("a constant has no gradients: nothing it was made from is a parameter")
        }
        precondition(!root.isConsumed, "the gradients of this scalar were taken before; compute it again")

        var result = Gradients()
        var pending = [ObjectIdentifier(root): Buffer(repeating: 1, count: 1)]
        for node in root.ancestors {
            guard let gradient = pending.removeValue(forKey: ObjectIdentifier(node)) else { continue }
            guard let backward = node.backward else {
                precondition(node.isParameter, "the gradients of a part of this graph were taken before")
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

    /// Adds a further part of a gradient to what has come together so far, in place if nobody else holds that.
    private static func sum(_ parts: consuming Buffer?, _ further: Buffer) -> Buffer {
        guard var total = parts.take() else { return further }
        let sum = isKnownUniquelyReferenced(&total) ? total : Buffer(uninitialized: total.count)
        ElementwiseKernel.apply(.add, total, further, output: sum)
        return sum
    }
}
