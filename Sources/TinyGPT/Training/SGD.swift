import Autograd
import Kernels

/// Stochastic gradient descent, with momentum (Polyak 1964) and L2 regularization if they are wanted.
///
/// With the gradient g, the velocity v = momentum v + g + decay p, at first momentum times 0, and a parameter p becomes
/// p - rate v.
///
///     let x = Tensor.parameter(3)
///     let optimizer = SGD([x], learningRate: 0.25)
///     for _ in 1...2 { optimizer.update((x * x).gradients()) }
///     print(x)  // 0.75
public final class SGD {
    /// The rate of the next update.
    public var learningRate: Float
    /// What is left of the velocity after a step, from 0 up to, not including, 1.
    public let momentum: Float
    /// The factor of a parameter that is added to its gradient: that of decay / 2 times the sum of all squares.
    public let weightDecay: Float
    private let parameters: [Tensor]
    /// The velocities in the order of the parameters; none without momentum.
    private let velocities: [Tensor]

    /// An optimizer that has made no update.
    ///
    /// - Parameters:
    ///   - parameters: The parameters that ``update(_:)`` changes in place.
    ///   - learningRate: The rate, at least 0.
    ///   - momentum: What is left of the velocity after a step, from 0 up to, not including, 1; with 0 no velocity is kept.
    ///   - weightDecay: The factor of a parameter that is added to its gradient, at least 0.
    public init(_ parameters: [Tensor], learningRate: Float, momentum: Float = 0, weightDecay: Float = 0) {
        precondition(
            (0..<1).contains(momentum) && weightDecay >= 0,
            "SGD with a momentum of \(momentum) and a weight decay of \(weightDecay)")
        (self.parameters, self.learningRate) = (parameters, learningRate)
        (self.momentum, self.weightDecay) = (momentum, weightDecay)
        velocities = momentum > 0 ? parameters.map { Tensor(repeating: 0, shape: $0.shape) } : []
    }

    /// Updates the parameters in place by one step.
    ///
    /// - Parameter gradients: Those of the loss; a parameter without one stays as it is.
    public func update(_ gradients: Gradients) {
        for (index, parameter) in parameters.enumerated() {
            guard let gradient = gradients.buffer(for: parameter) else { continue }
            SGDKernel.update(
                parameter.buffer, gradient: gradient, velocity: momentum > 0 ? velocities[index].buffer : nil,
                learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
        }
    }
}
