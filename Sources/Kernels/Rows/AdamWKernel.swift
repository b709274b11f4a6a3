import CPUSupport

/// The update of AdamW (Loshchilov and Hutter 2019, algorithm 2) in one pass over memory.
package enum AdamWKernel {
    /// The hyperparameters of one step.
    package struct Settings {
        /// The decay of the running means of gradient and squared gradient.
        package var beta1: Float, beta2: Float
        /// Added to the root of the mean squared gradient.
        package var epsilon: Float
        /// The factor that clips the gradient's norm.
        package var gradientScale: Float
        /// The learning rate.
        package var learningRate: Float
        /// The fraction of a parameter, times the learning rate, subtracted at each step.
        package var weightDecay: Float
        /// 1 - beta^step, the bias correction of running means that start at zero.
        package var correction1: Float, correction2: Float

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

    /// A parameter, its gradient and its two moments.
    package struct Update {
        let parameter: Buffer, gradient: Buffer, firstMoment: Buffer, secondMoment: Buffer
        let decays: Bool

        /// - Parameters:
        ///   - parameter: Updated in place.
        ///   - gradient: Its gradient.
        ///   - firstMoment: The running mean of the gradient, updated in place.
        ///   - secondMoment: The running mean of its square, updated in place.
        ///   - decays: Whether weight decay applies.
        package init(
            parameter: Buffer, gradient: Buffer, firstMoment: Buffer, secondMoment: Buffer, decays: Bool
        ) {
            require(
                [gradient, firstMoment, secondMoment].allSatisfy { $0.count == parameter.count },
                "\(gradient.count) gradients and \(firstMoment.count) moments for \(parameter.count) parameters")
            (self.parameter, self.gradient) = (parameter, gradient)
            (self.firstMoment, self.secondMoment, self.decays) = (firstMoment, secondMoment, decays)
        }
    }

    /// The addresses of an update, which are not reference-counted.
    private struct Place {
        let p: UnsafeMutablePointer<Float>, g: UnsafeMutablePointer<Float>
        let m: UnsafeMutablePointer<Float>, v: UnsafeMutablePointer<Float>
        let decays: Bool
    }

    /// Updates all parameters and their moments in place, in one parallel-for.
    package static func update(_ updates: [Update], _ settings: Settings) {
        let places = updates.map {
            Place(
                p: $0.parameter.pointer, g: $0.gradient.pointer, m: $0.firstMoment.pointer,
                v: $0.secondMoment.pointer, decays: $0.decays)
        }
        withExtendedLifetime(updates) {
            places.withUnsafeBufferPointer { places in
                Parallel.forEachChunk(of: updates.map(\.parameter.count), size: 1 << 15) { index, range in
                    update(places[index], range, settings)
                }
            }
        }
    }

    private static func update(_ place: Place, _ range: Range<Int>, _ settings: Settings) {
        let (p, g, m, v) = (place.p, place.g, place.m, place.v)
        let (beta1, beta2) = (Vector(repeating: settings.beta1), Vector(repeating: settings.beta2))
        let (rest1, rest2) = (Vector(repeating: 1 - settings.beta1), Vector(repeating: 1 - settings.beta2))
        let scale = Vector(repeating: settings.gradientScale)
        let epsilon = Vector(repeating: settings.epsilon)
        let rate = Vector(repeating: settings.learningRate / settings.correction1)
        let root = Vector(repeating: 1 / settings.correction2.squareRoot())
        let keep = Vector(repeating: place.decays ? 1 - settings.learningRate * settings.weightDecay : 1)
        forEachVector(range.count) { offset, lanes in
            let index = range.lowerBound + offset
            prefetchForWriting(m + index + 32 * vectorWidth)
            prefetchForWriting(v + index + 32 * vectorWidth)
            prefetchForWriting(p + index + 32 * vectorWidth)
            let gradient = Vector(at: g + index, lanes: lanes) * scale
            let first = (Vector(at: m + index, lanes: lanes) * beta1).adding(product: gradient, rest1)
            let second = (Vector(at: v + index, lanes: lanes) * beta2).adding(product: gradient * gradient, rest2)
            first.store(to: m + index, lanes: lanes)
            second.store(to: v + index, lanes: lanes)
            let step = rate * first / (squareRootOfLanes(second) * root + epsilon)
            (Vector(at: p + index, lanes: lanes) * keep - step).store(to: p + index, lanes: lanes)
        }
    }
}
