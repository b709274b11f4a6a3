extension Reference {
    /// One step of AdamW for one number (Loshchilov and Hutter 2019, algorithm 2), its gradient scaled first to clip the norm.
    package static func adamW(
        parameter: Float, gradient: Float, firstMoment: Float, secondMoment: Float, _ settings: AdamWKernel.Settings
    ) -> (parameter: Float, firstMoment: Float, secondMoment: Float) {
        let clipped = Double(gradient) * Double(settings.gradientScale)
        let (beta1, beta2) = (Double(settings.beta1), Double(settings.beta2))
        let first = beta1 * Double(firstMoment) + (1 - beta1) * clipped
        let second = beta2 * Double(secondMoment) + (1 - beta2) * clipped * clipped
        let rate = Double(settings.learningRate)
        let step =
            rate * (first / Double(settings.correction1))
            / ((second / Double(settings.correction2)).squareRoot() + Double(settings.epsilon))
        let kept = Double(parameter) * (1 - rate * Double(settings.weightDecay))
        return (Float(kept - step), Float(first), Float(second))
    }

    /// One step of stochastic gradient descent with momentum for one number, weight decay added to the gradient.
    package static func sgd(
        parameter: Float, gradient: Float, velocity: Float, learningRate: Float, momentum: Float, weightDecay: Float
    ) -> (parameter: Float, velocity: Float) {
        let next =
            Double(momentum) * Double(velocity) + Double(gradient) + Double(weightDecay) * Double(parameter)
        return (Float(Double(parameter) - Double(learningRate) * next), Float(next))
    }

    /// One step of Adam without a running mean of the gradient, for one number last updated `age` steps ago.
    package static func rowAdam(
        parameter: Float, gradient: Float, secondMoment: Float, age: Int, _ settings: RowAdamKernel.Settings
    ) -> (parameter: Float, secondMoment: Float) {
        let clipped = Double(gradient) * Double(settings.gradientScale)
        let beta2 = Double(settings.beta2)
        var second = Double(secondMoment)
        for _ in 0..<age { second *= beta2 }
        second += (1 - beta2) * clipped * clipped
        let step =
            Double(settings.learningRate) * clipped
            / ((second / Double(settings.correction2)).squareRoot() + Double(settings.epsilon))
        return (Float(Double(parameter) - step), Float(second))
    }

    /// One step of Muon for one matrix, row after row.
    package static func muon(
        parameter: [Float], gradient: [Float], momentum: [Float], rows: Int, scale: Float,
        _ settings: MuonKernel.Settings
    ) -> (parameter: [Float], momentum: [Float]) {
        let mu = Double(settings.momentum)
        let clipped = gradient.map { Double($0) * Double(settings.gradientScale) }
        let means = zip(momentum, clipped).map { mu * Double($0) + (1 - mu) * $1 }
        let update = zip(means, clipped).map { mu * $0 + (1 - mu) * $1 }
        let direction = orthogonalized(update, rows: rows)
        let rate = Double(settings.learningRate)
        let next = zip(parameter, direction).map {
            Double($0) * (1 - rate * Double(settings.weightDecay)) - rate * Double(scale) * $1
        }
        return (next.map { Float($0) }, means.map { Float($0) })
    }

    /// Five steps of X <- a X + b (X X^T) X + c (X X^T)^2 X from X / (||X|| + 1e-7), where ||X|| is the Frobenius norm.
    package static func orthogonalized(_ matrix: [Double], rows: Int) -> [Double] {
        let columns = matrix.count / rows
        let norm = matrix.reduce(0) { $0 + $1 * $1 }.squareRoot()
        var x = matrix.map { $0 / (norm + 1e-7) }
        /// (rows, inner) x (inner, other)
        func product(_ a: [Double], _ b: [Double], inner: Int, other: Int) -> [Double] {
            (0..<rows * other).map { place in
                (0..<inner).reduce(0) { $0 + a[place / other * inner + $1] * b[$1 * other + place % other] }
            }
        }
        for _ in 0..<5 {
            let transposed = (0..<rows * columns).map { x[$0 % rows * columns + $0 / rows] }
            let square = product(x, transposed, inner: columns, other: rows)
            let cubic = product(square, x, inner: rows, other: columns)
            let quintic = product(square, cubic, inner: rows, other: columns)
            x = x.indices.map { 3.4445 * x[$0] - 4.7750 * cubic[$0] + 2.0315 * quintic[$0] }
        }
        return x
    }
}
