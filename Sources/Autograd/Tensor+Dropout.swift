import Kernels

/// A dropout mask, given by its rate and a key.
///
/// The mask is a function of the key and of an element's index, so the backward pass recomputes it, and the same key gives
/// the same mask at any number of threads.
public struct Dropout: Equatable, Sendable {
    /// The probability with which an element becomes 0; the others are multiplied by 1 / (1 - rate).
    public let rate: Float
    /// The mask's key: masks of different keys are independent.
    public let key: UInt64

    /// A mask of a rate and a key.
    ///
    /// - Parameters:
    ///   - rate: From 0 up to but not including 1.
    ///   - key: Masks of different keys are independent; mix it from seed, step and dropout site, for example.
    public init(rate: Float, key: UInt64) {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate) is not in 0..<1")
        self.rate = rate
        self.key = key
    }

    /// The kernels' mask; nil where nothing is dropped.
    var mask: DropoutMask? { rate > 0 ? DropoutMask(rate: rate, key: key) : nil }
}

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
        return .recorded("residual", shape: shape, buffer: output, inputs: [self, branch]) { gradient in
            guard let mask else { return [gradient, gradient] }
            let branchGradient = Buffer(uninitialized: gradient.count)
            DropoutKernel.forward(gradient, mask: mask, output: branchGradient)
            return [gradient, branchGradient]
        }
    }
}
