import CPUSupport

/// The update of AdamW (Loshchilov and Hutter 2019, algorithm 2) in one pass over memory.
package enum AdamWKernel {
    /// What is the same for every element of a step.
    package struct Settings {
        /// How fast the means of gradient and squared gradient forget.
        package var beta1: Float, beta2: Float
        /// Added to the root of the mean squared gradient.
        package var epsilon: Float
        /// What the gradient is multiplied by first, to clip its norm.
        package var gradientScale: Float
        /// The learning rate.
        package var learningRate: Float
        /// The fraction of a parameter, times the learning rate, that is taken away at each step.
        package var weightDecay: Float
        /// 1 - beta^step, which undoes the bias of means that start at zero.
        package var correction1: Float, correction2: Float

        /// Creates the settings of one step.
        package init(
            beta1: Float, beta2: Float, epsilon: Float, gradientScale: Float, learningRate: Float,
            weightDecay: Float, correction1: Float, correction2: Float
        ) {
            self.beta1 = beta1
            self.beta2 = beta2
            self.epsilon = epsilon
            self.gradientScale = gradientScale
            self.learningRate = learningRate
            self.weightDecay = weightDecay
            self.correction1 = correction1
            self.correction2 = correction2
        }
    }

    /// Updates a parameter and its two moments in place.
    package static func update(
        parameter: Buffer, gradient: Buffer, firstMoment: Buffer, secondMoment: Buffer, _ settings: Settings
    ) {
        require(parameter.count == gradient.count, "\(gradient.count) gradients for \(parameter.count) parameters")
        let (p, g, m, v) = (parameter.pointer, gradient.pointer, firstMoment.pointer, secondMoment.pointer)
        let (beta1, beta2) = (Vector(repeating: settings.beta1), Vector(repeating: settings.beta2))
        let (rest1, rest2) = (Vector(repeating: 1 - settings.beta1), Vector(repeating: 1 - settings.beta2))
        let scale = Vector(repeating: settings.gradientScale)
        let epsilon = Vector(repeating: settings.epsilon)
        let rate = Vector(repeating: settings.learningRate / settings.correction1)
        let root = Vector(repeating: 1 / settings.correction2.squareRoot())
        let keep = Vector(repeating: 1 - settings.learningRate * settings.weightDecay)
        Parallel.forEachRange(parameter.count, size: 1 << 14) { range in
            forEachVector(range.count) { offset, lanes in
                let index = range.lowerBound + offset
                let gradient = Vector(at: g + index, lanes: lanes) * scale
                let first = (Vector(at: m + index, lanes: lanes) * beta1).adding(product: gradient, rest1)
                let second = (Vector(at: v + index, lanes: lanes) * beta2).adding(product: gradient * gradient, rest2)
                first.store(to: m + index, lanes: lanes)
                second.store(to: v + index, lanes: lanes)
                let step = rate * first / (second.squareRoot() * root + epsilon)
                (Vector(at: p + index, lanes: lanes) * keep - step).store(to: p + index, lanes: lanes)
            }
        }
    }
}
