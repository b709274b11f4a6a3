import CPUSupport

/// The update of stochastic gradient descent with momentum and weight decay in one pass over memory.
package enum SGDKernel {
    /// Updates a parameter and its velocity in place: v = momentum v + g + decay p, p = p - rate v. Without a velocity, its old
    /// value counts as zero.
    package static func update(
        _ parameter: Buffer, gradient: Buffer, velocity: Buffer?, learningRate: Float, momentum: Float,
        weightDecay: Float
    ) {
        require(
            gradient.count == parameter.count && velocity.map { $0.count == parameter.count } ?? true,
            "\(gradient.count) gradients and \(velocity?.count ?? 0) velocities for \(parameter.count) parameters")
        let (parameters, gradients, velocities) = (parameter.pointer, gradient.pointer, velocity?.pointer)
        let (mu, decay) = (Vector(repeating: momentum), Vector(repeating: weightDecay))
        let rate = Vector(repeating: learningRate)
        Parallel.forEachRange(parameter.count, grain: 1 << 14) { range in
            forEachVector(range.count) { offset, lanes in
                let index = range.lowerBound + offset
                let p = Vector(at: parameters + index, lanes: lanes)
                var v = Vector(at: gradients + index, lanes: lanes).adding(product: p, decay)
                if let velocities {
                    v = v.adding(product: Vector(at: velocities + index, lanes: lanes), mu)
                    v.store(to: velocities + index, lanes: lanes)
                }
                (p - rate * v).store(to: parameters + index, lanes: lanes)
            }
        }
    }
}
