import CPUSupport
import Foundation

/// The update of Adam for some rows of a table, without a running mean of the gradient.
package enum RowAdamKernel {
    /// The hyperparameters of one step.
    package struct Settings {
        /// The step, counting from 1.
        package var step: Int
        /// The decay of the running mean of the squared gradient.
        package var beta2: Float
        /// Added to the root of the mean squared gradient.
        package var epsilon: Float
        /// The factor that clips the gradient's norm.
        package var gradientScale: Float
        /// The learning rate.
        package var learningRate: Float
        /// 1 - beta2^step, the bias correction of a running mean that starts at zero.
        package var correction2: Float

        package init(
            step: Int, beta2: Float, epsilon: Float, gradientScale: Float, learningRate: Float, correction2: Float
        ) {
            (self.step, self.beta2, self.epsilon) = (step, beta2, epsilon)
            (self.gradientScale, self.learningRate, self.correction2) = (gradientScale, learningRate, correction2)
        }
    }

    /// Updates rows and their moments in place; all other rows stay as they are.
    ///
    /// - Parameters:
    ///   - table: The parameter. Shape: (entries, width)
    ///   - rows: The rows, each once.
    ///   - gradient: Their gradients. Shape: (rows, width)
    ///   - secondMoment: The running mean of the squared gradient, as of the step that last used each row.
    ///     Shape: (entries, width)
    ///   - lastStep: The step that last used each row, 0 if none. Shape: (entries)
    ///   - settings: The hyperparameters.
    package static func update(
        _ table: Buffer, rows: [Int32], gradient: Buffer, secondMoment: Buffer, lastStep: Buffer, _ settings: Settings
    ) {
        let (entries, width) = (lastStep.count, table.count / max(1, lastStep.count))
        require(
            entries > 0 && table.count == entries * width && secondMoment.count == table.count
                && gradient.count == rows.count * width,
            "\(gradient.count) gradients of \(rows.count) rows for a table of \(table.count) in \(entries) rows")
        require(rows.allSatisfy { $0 >= 0 && $0 < entries }, "a row is not below \(entries)")
        let (p, g, v, last) = (table.pointer, gradient.pointer, secondMoment.pointer, lastStep.pointer)
        let rest = Vector(repeating: 1 - settings.beta2)
        let (scale, epsilon) = (Vector(repeating: settings.gradientScale), Vector(repeating: settings.epsilon))
        let rate = Vector(repeating: settings.learningRate)
        let root = Vector(repeating: 1 / settings.correction2.squareRoot())
        Parallel.forEachRange(rows.count, grain: 32) { range in
            for index in range {
                let row = Int(rows[index])
                // The gradient was zero in the steps between.
                let decay = Vector(repeating: Foundation.pow(settings.beta2, Float(settings.step) - last[row]))
                last[row] = Float(settings.step)
                let (p, g, v) = (p + row * width, g + index * width, v + row * width)
                forEachVector(width) { offset, lanes in
                    let gradient = Vector(at: g + offset, lanes: lanes) * scale
                    let second = (Vector(at: v + offset, lanes: lanes) * decay).adding(
                        product: gradient * gradient, rest)
                    second.store(to: v + offset, lanes: lanes)
                    let step = rate * gradient / (squareRootOfLanes(second) * root + epsilon)
                    (Vector(at: p + offset, lanes: lanes) - step).store(to: p + offset, lanes: lanes)
                }
            }
        }
    }
}
