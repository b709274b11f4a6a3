import Autograd
import Kernels
import Layers

/// Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"): momentum whose matrices are
/// orthogonalized.
///
/// With the clipped gradient g, m = mu m + (1 - mu) g and u = mu m + (1 - mu) g (Nesterov), a matrix W becomes
/// W (1 - rate decay) - rate 0.2 sqrt(max(rows, columns)) O(u), where O(u) is close to the nearest matrix with orthogonal rows or
/// columns: all singular values of u, large and small, become about 1. The factor gives updates the root mean square of
/// AdamW's, so that one learning rate serves both (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2).
public final class Muon {
    /// The decay mu of the gradient's running mean.
    public static let momentum = 0.95

    private let parameters: [NamedParameter]
    private let weightDecay: Double
    /// The running means m, in the order of the parameters.
    private let momenta: [Tensor]

    /// An optimizer that has made no update.
    ///
    /// - Parameters:
    ///   - parameters: Matrices; one whose role is `hidden` is updated section by section.
    ///   - weightDecay: The weight decay, not negative.
    public convenience init(_ parameters: [NamedParameter], weightDecay: Double = 0.1) {
        self.init(
            parameters, weightDecay: weightDecay,
            momenta: parameters.map { Tensor(repeating: 0, shape: $0.tensor.shape) })
    }

    /// An optimizer that continues with given running means, one for each parameter.
    init(_ parameters: [NamedParameter], weightDecay: Double, momenta: [Tensor]) {
        precondition(parameters.allSatisfy { $0.tensor.shape.rank == 2 }, "Muon updates matrices only")
        (self.parameters, self.weightDecay, self.momenta) = (parameters, weightDecay, momenta)
    }

    /// Updates the matrices in place by one step.
    ///
    /// - Parameters:
    ///   - gradients: Those of the loss; a matrix without one stays as it is.
    ///   - gradientScale: The factor that clips the gradient's norm.
    ///   - learningRate: The rate, on AdamW's scale.
    public func update(_ gradients: Gradients, gradientScale: Float = 1, learningRate: Double) {
        let updates = zip(parameters, momenta).compactMap { parameter, momentum in
            gradients.buffer(for: parameter.tensor).map { gradient in
                let sections = parameter.role.sections
                let (rows, columns) = (parameter.tensor.shape[0], parameter.tensor.shape[1] / sections)
                return MuonKernel.Update(
                    parameter: parameter.tensor.buffer, gradient: gradient, momentum: momentum.buffer, rows: rows,
                    sections: sections, scale: 0.2 * Float(max(rows, columns)).squareRoot())
            }
        }
        MuonKernel.update(
            updates,
            MuonKernel.Settings(
                momentum: Float(Self.momentum), gradientScale: gradientScale, learningRate: Float(learningRate),
                weightDecay: Float(weightDecay)))
    }
}
