import Autograd
import Foundation
import Kernels
import Layers

/// AdamW (Loshchilov and Hutter 2019, algorithm 2) with clipping of the gradients' global norm.
///
/// With the clipped gradient g, m = beta1 m + (1 - beta1) g and v = beta2 v + (1 - beta2) g^2, a parameter p becomes
/// p (1 - rate decay) - rate m' / (sqrt(v') + epsilon), where m' = m / (1 - beta1^step) and v' = v / (1 - beta2^step).
public final class AdamW {
    /// The hyperparameters.
    public struct Settings: Codable, Equatable, Sendable {
        /// The decay of the gradient's running mean, from 0 up to, not including, 1.
        public var beta1 = 0.9
        /// The decay of the squared gradient's running mean, from 0 up to, not including, 1.
        public var beta2 = 0.99
        /// Added to the root of the mean squared gradient; positive.
        public var epsilon = 1e-8
        /// Weight decay of parameters with two or more axes; vectors do not decay. Not negative.
        public var weightDecay: Double
        /// The largest global norm of the gradients; positive.
        public var clip: Double

        /// Hyperparameters, not validated, with nanoGPT's betas (0.9 and 0.99) and Adam's epsilon (1e-8; Kingma and Ba 2015).
        ///
        /// - Parameters:
        ///   - weightDecay: The decoupled weight decay of parameters with two or more axes, at least 0; a step multiplies them by
        ///     1 - learning rate * weight decay.
        ///   - clip: The largest global norm of the gradients, above 0; larger gradients are scaled down to it.
        public init(weightDecay: Double = 0.1, clip: Double = 1) {
            self.weightDecay = weightDecay
            self.clip = clip
        }
    }

    /// The hyperparameters.
    public let settings: Settings
    /// Updates made so far.
    public private(set) var step: Int
    private let parameters: [NamedParameter]
    /// The running means m and v, in the order of the parameters.
    private let firstMoments: [Tensor], secondMoments: [Tensor]

    /// An optimizer that has made no update: step 0, moments of zero, which take twice the memory of the parameters.
    ///
    /// - Parameters:
    ///   - parameters: The parameters that ``update(_:norm:learningRate:)`` changes in place.
    ///   - settings: The hyperparameters.
    public convenience init(_ parameters: [NamedParameter], _ settings: Settings = Settings()) {
        func zeros() -> [Tensor] { parameters.map { Tensor(repeating: 0, shape: $0.tensor.shape) } }
        self.init(parameters, settings, step: 0, firstMoments: zeros(), secondMoments: zeros())
    }

    /// An optimizer of plain parameters that has made no update.
    ///
    ///     let x = Tensor.parameter(3)
    ///     let optimizer = AdamW([x])
    ///     optimizer.update((x * x).gradients(), learningRate: 0.1)
    ///     print(x)  // 2.9 but for rounding: the first step is the rate
    ///
    /// - Parameters:
    ///   - parameters: The parameters that ``update(_:norm:learningRate:)`` changes in place.
    ///   - settings: The hyperparameters.
    public convenience init(_ parameters: [Tensor], _ settings: Settings = Settings()) {
        self.init(parameters.enumerated().map { NamedParameter("\($0.offset)", $0.element) }, settings)
    }

    /// An optimizer that continues after `step` updates with given moments, one for each parameter.
    init(
        _ parameters: [NamedParameter], _ settings: Settings, step: Int, firstMoments: [Tensor], secondMoments: [Tensor]
    ) {
        let shapes = parameters.map(\.tensor.shape)
        precondition(
            firstMoments.map(\.shape) == shapes && secondMoments.map(\.shape) == shapes,
            "the moments' shapes are not those of the parameters")
        (self.parameters, self.settings, self.step) = (parameters, settings, step)
        (self.firstMoments, self.secondMoments) = (firstMoments, secondMoments)
    }

    /// The global norm: the Euclidean norm of the gradients of all parameters together, before clipping.
    ///
    /// - Parameter gradients: Those of a loss; a parameter without one counts as zero.
    /// - Returns: The norm, not finite if a gradient is not.
    public func norm(of gradients: Gradients) -> Double {
        ReductionKernel.sumOfSquares(parameters.compactMap { gradients.buffer(for: $0.tensor) }).squareRoot()
    }

    /// The factor that clips gradients of a norm.
    func gradientScale(norm: Double) -> Float { Float(min(1, settings.clip / max(norm, .leastNormalMagnitude))) }

    /// Updates the parameters in place by one step.
    ///
    /// - Parameters:
    ///   - gradients: Those of the loss; a parameter without one stays as it is.
    ///   - norm: Their ``norm(of:)``; computed if nil.
    ///   - learningRate: The rate of this step, at least 0.
    /// - Precondition: Norm and rate are finite.
    public func update(_ gradients: Gradients, norm: Double? = nil, learningRate: Double) {
        let norm = norm ?? self.norm(of: gradients)
        precondition(
            norm.isFinite && learningRate.isFinite && learningRate >= 0,
            "an update with a norm of \(norm) at a learning rate of \(learningRate)")
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
                gradientScale: gradientScale(norm: norm),
                learningRate: Float(learningRate), weightDecay: Float(settings.weightDecay),
                correction1: Float(1 - pow(settings.beta1, Double(step))),
                correction2: Float(1 - pow(settings.beta2, Double(step)))))
    }
}
