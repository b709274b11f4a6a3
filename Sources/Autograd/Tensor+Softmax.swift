import Kernels

extension Tensor {
    /// The softmax along the innermost axis: `exp(x) / sum(exp(x))`, computed without overflow.
    ///
    /// Shape: (..., V) -> (..., V)
    ///
    /// - Precondition: The tensor has an axis, and V is positive.
    public func softmax() -> Tensor {
        let classes = shape[-1]
        let output = Buffer(uninitialized: shape.count)
        SoftmaxKernel.forward(buffer, classes: classes, output: output)
        return .recorded("softmax", shape: shape, buffer: output, inputs: [self]) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            SoftmaxKernel.backward(
                output: output, classes: classes, outputGradient: gradient, inputGradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The mean cross-entropy of these logits with the target classes, in nats: `mean(log(sum(exp(x))) - x[target])`.
    ///
    /// Shape: (..., V), targets (...) -> ()
    ///
    /// - Parameter targets: The index of the right class for each row, from 0 up to, not including, V; -1 for a row that does not
    ///   count.
    /// - Returns: The mean over all rows that count; the gradient is `(softmax(x) - oneHot(target)) / rows`, 0 for others.
    /// - Precondition: A row counts, V is positive, and there is a target in range for each row.
    public func crossEntropy(_ targets: [Int32]) -> Tensor {
        let (losses, logSums) = lossesWithSums(targets)
        let logits = buffer
        let counted = Float(targets.count { $0 >= 0 })
        precondition(counted > 0, "none of \(targets.count) targets counts")
        let mean = Buffer([ReductionKernel.sum(losses) / counted])
        return .recorded("cross-entropy", shape: [], buffer: mean, inputs: [self]) { gradient in
            let inputGradient = Buffer(uninitialized: logits.count)
            CrossEntropyKernel.backward(
                logits: logits, targets: targets, logSums: logSums, scale: gradient[0] / counted,
                gradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The cross-entropy of each row of these logits with its target, in nats, as a constant; 0 where the target is -1.
    ///
    /// Shape: (..., V), targets (N) -> (N)
    ///
    /// - Precondition: V is positive, and each row has a target, from 0 up to, not including, V, or -1.
    public func crossEntropies(_ targets: [Int32]) -> Tensor {
        Tensor(shape: [targets.count], buffer: lossesWithSums(targets).losses)
    }

    private func lossesWithSums(_ targets: [Int32]) -> (losses: Buffer, logSums: Buffer) {
        precondition(
            shape.rank > 0 && shape[-1] > 0 && targets.count == shape.count / shape[-1],
            "logits of shape \(shape) do not match \(targets.count) targets")
        let (losses, logSums) = (Buffer(uninitialized: targets.count), Buffer(uninitialized: targets.count))
        CrossEntropyKernel.forward(logits: buffer, targets: targets, losses: losses, logSums: logSums)
        return (losses, logSums)
    }
}
