import Autograd
import Foundation
import Kernels
import Layers

/// AdamW (Loshchilov and Hutter 2019), with the gradients' norm clipped first.
public struct AdamW {
    /// What does not change from step to step.
    public struct Settings: Codable, Equatable, Sendable {
        /// How fast the mean of the gradient forgets.
        public var beta1 = 0.9
        /// How fast the mean of the squared gradient forgets.
        public var beta2 = 0.99
        /// Added to the root of the mean squared gradient.
        public var epsilon = 1e-8
        /// What matrices lose at each step, times the learning rate; vectors lose nothing.
        public var weightDecay: Double
        /// The largest norm of all gradients together.
        public var clip: Double

        /// Creates settings.
        public init(weightDecay: Double = 0.1, clip: Double = 1) {
            self.weightDecay = weightDecay
            self.clip = clip
        }
    }

    /// What does not change from step to step.
    public let settings: Settings
    /// How many updates were made.
    public internal(set) var step = 0
    private let parameters: [NamedParameter]
    /// The running means of gradient and squared gradient, in the order of the parameters.
    package let firstMoments: [Tensor], secondMoments: [Tensor]

    /// Creates an optimiser that has not yet made a step.
    public init(_ parameters: [NamedParameter], _ settings: Settings) {
        self.parameters = parameters
        self.settings = settings
        firstMoments = parameters.map { Tensor(repeating: 0, shape: $0.tensor.shape) }
        secondMoments = parameters.map { Tensor(repeating: 0, shape: $0.tensor.shape) }
    }

    /// The Euclidean norm of all gradients together.
    public func norm(of gradients: Gradients) -> Double {
        ReductionKernel.sumOfSquares(parameters.compactMap { gradients.buffer(for: $0.tensor) }).squareRoot()
    }

    /// Changes the parameters by one step.
    ///
    /// - Parameters:
    ///   - gradients: Those of the loss.
    ///   - norm: Their ``norm(of:)``.
    ///   - learningRate: The size of the step.
    public mutating func update(_ gradients: Gradients, norm: Double, learningRate: Double) {
        step += 1
        let updates = parameters.enumerated().compactMap { index, parameter in
            gradients.buffer(for: parameter.tensor).map { gradient in
                AdamWKernel.Update(
                    parameter: parameter.tensor.buffer, gradient: gradient,
                    firstMoment: firstMoments[index].buffer, secondMoment: secondMoments[index].buffer,
                    decays: parameter.tensor.shape.rank >= 2)
            }
        }
        AdamWKernel.update(
            updates,
            AdamWKernel.Settings(
                beta1: Float(settings.beta1), beta2: Float(settings.beta2), epsilon: Float(settings.epsilon),
                gradientScale: Float(min(1, settings.clip / max(norm, .leastNormalMagnitude))),
                learningRate: Float(learningRate), weightDecay: Float(settings.weightDecay),
                correction1: Float(1 - pow(settings.beta1, Double(step))),
                correction2: Float(1 - pow(settings.beta2, Double(step)))))
    }
}
