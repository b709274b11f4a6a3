import Kernels

extension Tensor {
    /// Inverted dropout (Srivastava et al. 2014, section 10): every element is zeroed with probability `rate`, or else
    /// multiplied by 1 / (1 - rate). Without dropout, this tensor itself.
    ///
    /// Shape: (...) -> (...)
    public func dropout(_ dropout: Dropout?) -> Tensor {
        guard let mask = dropout?.mask else { return self }
        let output = Buffer(uninitialized: shape.count)
        DropoutKernel.forward(buffer, mask: mask, output: output)
        return .recorded("dropout", shape: shape, buffer: output, inputs: [self]) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            DropoutKernel.forward(gradient, mask: mask, output: inputGradient)
            return [inputGradient]
        }
    }

    /// This plus ``dropout(_:)`` of a branch, in one pass over memory: the residual connection.
    ///
    /// Shape: (...), branch (...) -> (...)
    ///
    /// - Precondition: Both shapes are the same.
    public func addingResidual(_ branch: Tensor, dropout: Dropout?) -> Tensor {
        let mask = dropout?.mask
        precondition(shape == branch.shape, "a branch of shape \(branch.shape) does not add to \(shape)")
        let output = Buffer(uninitialized: shape.count)
        DropoutKernel.forward(branch.buffer, mask: mask, residual: buffer, output: output)
        guard isTracked || branch.isTracked else { return Tensor(shape: shape, buffer: output) }
        return .recorded("residual", shape: shape, buffer: output, inputs: [self, branch]) { gradient in
            guard let mask else { return [gradient, gradient] }
            let branchGradient = Buffer(uninitialized: gradient.count)
            DropoutKernel.forward(gradient, mask: mask, output: branchGradient)
            return [gradient, branchGradient]
        }
    }
}
