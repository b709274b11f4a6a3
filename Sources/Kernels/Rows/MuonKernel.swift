import CPUSupport

/// The update of Muon (Jordan et al. 2024): Nesterov momentum, orthogonalized by ``NewtonSchulz``.
package enum MuonKernel {
    /// The hyperparameters of one step.
    package struct Settings {
        /// The decay of the gradient's running mean.
        package var momentum: Float
        /// The factor that clips the gradient's norm.
        package var gradientScale: Float
        /// The learning rate.
        package var learningRate: Float
        /// The fraction of a parameter, times the learning rate, subtracted at each step.
        package var weightDecay: Float

        package init(momentum: Float, gradientScale: Float, learningRate: Float, weightDecay: Float) {
            (self.momentum, self.gradientScale) = (momentum, gradientScale)
            (self.learningRate, self.weightDecay) = (learningRate, weightDecay)
        }
    }

    /// A parameter, its gradient and its momentum: one matrix, or several of the same size side by side.
    package struct Update {
        let parameter: Buffer, gradient: Buffer, momentum: Buffer
        let rows: Int, sections: Int, columns: Int
        let scale: Float

        /// - Parameters:
        ///   - parameter: Updated in place. Shape: (rows, sections x columns)
        ///   - gradient: Its gradient.
        ///   - momentum: The running mean of the gradient, updated in place.
        ///   - rows: The rows of each matrix.
        ///   - sections: Matrices side by side.
        ///   - scale: The factor of the learning rate, which depends on the shape.
        package init(
            parameter: Buffer, gradient: Buffer, momentum: Buffer, rows: Int, sections: Int, scale: Float
        ) {
            require(
                rows > 0 && sections > 0 && parameter.count > 0 && parameter.count % (rows * sections) == 0
                    && gradient.count == parameter.count && momentum.count == parameter.count,
                "\(gradient.count) gradients and \(momentum.count) momenta for \(parameter.count) parameters in "
                    + "\(sections) matrices of \(rows) rows")
            (self.parameter, self.gradient, self.momentum) = (parameter, gradient, momentum)
            (self.rows, self.sections, self.scale) = (rows, sections, scale)
            columns = parameter.count / (rows * sections)
        }
    }

    /// One matrix of an update; addresses are not reference-counted.
    private struct Section {
        let p: MatrixView, g: MatrixView, m: MatrixView
        let scale: Float
        let orthogonalize: NewtonSchulz
    }

    /// Updates all parameters and their momenta in place, in one parallel-for over the matrices.
    package static func update(_ updates: [Update], _ settings: Settings) {
        let sections = updates.flatMap { update in
            (0..<update.sections).map { section in
                let columns = section * update.columns..<(section + 1) * update.columns
                func view(_ buffer: Buffer) -> MatrixView {
                    MatrixView(start: buffer.pointer, rows: update.rows, columns: update.sections * update.columns)
                        .columns(columns)
                }
                return Section(
                    p: view(update.parameter), g: view(update.gradient), m: view(update.momentum),
                    scale: update.scale, orthogonalize: NewtonSchulz(rows: update.rows, columns: update.columns))
            }
        }
        withExtendedLifetime(updates) {
            sections.withUnsafeBufferPointer { sections in
                Parallel.forEach(
                    sections.count, workspace: sections.map(\.orthogonalize.workspace).max() ?? 0
                ) { index, memory in update(sections[index], settings, memory) }
            }
        }
    }

    private static func update(_ section: Section, _ settings: Settings, _ memory: UnsafeMutablePointer<Float>) {
        let (momentum, rest) = (Vector(repeating: settings.momentum), Vector(repeating: 1 - settings.momentum))
        let scale = Vector(repeating: settings.gradientScale)
        let u = MatrixView(
            start: memory + section.orthogonalize.matrix, rows: section.p.rows, columns: section.p.columns)
        for row in 0..<u.rows {
            let (g, m, u) = (section.g.row(row), section.m.row(row), u.row(row))
            forEachVector(section.p.columns) { offset, lanes in
                let gradient = Vector(at: g + offset, lanes: lanes) * scale
                let old = Vector(at: m + offset, lanes: lanes)
                let mean = old.adding(product: gradient - old, rest)
                mean.store(to: m + offset, lanes: lanes)
                gradient.adding(product: mean - gradient, momentum).store(to: u + offset, lanes: lanes)
            }
        }
        let direction = MatrixView(start: section.orthogonalize(memory), rows: u.rows, columns: u.columns)
        let keep = Vector(repeating: 1 - settings.learningRate * settings.weightDecay)
        let rate = Vector(repeating: -settings.learningRate * section.scale)
        for row in 0..<u.rows {
            let (p, o) = (section.p.row(row), direction.row(row))
            forEachVector(section.p.columns) { offset, lanes in
                (Vector(at: p + offset, lanes: lanes) * keep)
                    .adding(product: Vector(at: o + offset, lanes: lanes), rate).store(to: p + offset, lanes: lanes)
            }
        }
    }
}
