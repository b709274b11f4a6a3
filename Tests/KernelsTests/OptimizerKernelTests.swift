import Foundation
import Testing

@testable import Kernels

@Suite("Optimizers")
struct OptimizerKernelTests {
    @Test("AdamW equals its definition over several steps, with and without weight decay", arguments: [1, 7, 64, 1000])
    func adamW(count: Int) {
        for decays in [true, false] {
            var expected = noise(count).map { ($0, Float(0), Float(0)) }
            let buffers = [
                Buffer(noise(count)), Buffer(repeating: 0, count: count), Buffer(repeating: 0, count: count),
            ]
            for step in 1...5 {
                let gradient = noise(count, seed: UInt64(step) + 10)
                var settings = AdamWKernel.Settings(
                    beta1: 0.9, beta2: 0.99, epsilon: 1e-8, gradientScale: 0.7, learningRate: 1e-2, weightDecay: 0.1,
                    correction1: 1 - pow(0.9, Float(step)), correction2: 1 - pow(0.99, Float(step)))
                AdamWKernel.update(
                    [
                        .init(
                            parameter: buffers[0], gradient: Buffer(gradient), firstMoment: buffers[1],
                            secondMoment: buffers[2], decays: decays)
                    ], settings)
                if !decays { settings.weightDecay = 0 }
                expected = zip(expected, gradient).map { state, gradient in
                    let next = Reference.adamW(
                        parameter: state.0, gradient: gradient, firstMoment: state.1, secondMoment: state.2, settings)
                    return (next.parameter, next.firstMoment, next.secondMoment)
                }
            }
            expectClose(buffers[0].array, expected.map(\.0), relative: 1e-5)
            expectClose(buffers[1].array, expected.map(\.1), relative: 1e-5)
            expectClose(buffers[2].array, expected.map(\.2), relative: 1e-5)
        }
    }

    @Test(
        "Gradient descent equals its definition over several steps, with and without momentum",
        arguments: [1, 7, 64, 1000])
    func sgd(count: Int) {
        for momentum: Float in [0, 0.9] {
            var expected = noise(count).map { ($0, Float(0)) }
            let parameter = Buffer(noise(count))
            let velocity = momentum > 0 ? Buffer(repeating: 0, count: count) : nil
            for step in 1...5 {
                let gradient = noise(count, seed: UInt64(step) + 10)
                SGDKernel.update(
                    parameter, gradient: Buffer(gradient), velocity: velocity, learningRate: 0.1, momentum: momentum,
                    weightDecay: 0.2)
                expected = zip(expected, gradient).map { state, gradient in
                    let next = Reference.sgd(
                        parameter: state.0, gradient: gradient, velocity: state.1, learningRate: 0.1,
                        momentum: momentum, weightDecay: 0.2)
                    return (next.parameter, next.velocity)
                }
            }
            expectClose(parameter.array, expected.map(\.0), relative: 1e-5)
            if let velocity { expectClose(velocity.array, expected.map(\.1), relative: 1e-5) }
        }
    }

    @Test(
        "Muon equals its definition over several steps: square, wide and tall matrices, alone and side by side",
        arguments: [(1, 1, 1), (4, 1, 4), (5, 3, 7), (33, 2, 16), (16, 1, 70), (70, 1, 16)])
    func muon(rows: Int, sections: Int, columns: Int) {
        let count = rows * sections * columns
        var expected = (noise(count), [Float](repeating: 0, count: count))
        let (parameter, momentum) = (Buffer(expected.0), Buffer(expected.1))
        let settings = MuonKernel.Settings(momentum: 0.95, gradientScale: 0.7, learningRate: 1e-2, weightDecay: 0.1)
        /// The places of one section's elements.
        func places(_ section: Int) -> [Int] {
            (0..<rows * columns).map { $0 / columns * sections * columns + section * columns + $0 % columns }
        }
        for step in 1...4 {
            let gradient = noise(count, seed: UInt64(step) + 10)
            MuonKernel.update(
                [
                    .init(
                        parameter: parameter, gradient: Buffer(gradient), momentum: momentum, rows: rows,
                        sections: sections, scale: 1.5)
                ], settings)
            for section in 0..<sections {
                let places = places(section)
                let next = Reference.muon(
                    parameter: places.map { expected.0[$0] }, gradient: places.map { gradient[$0] },
                    momentum: places.map { expected.1[$0] }, rows: rows, scale: 1.5, settings)
                for (index, place) in places.enumerated() {
                    (expected.0[place], expected.1[place]) = (next.parameter[index], next.momentum[index])
                }
            }
            expectClose(parameter.array, expected.0, relative: 1e-5)
            expectClose(momentum.array, expected.1, relative: 1e-5)
        }
    }

    @Test("Orthogonalization brings every singular value near 1: X X^T is close to the identity")
    func orthogonalization() {
        let (rows, columns) = (12, 30)
        let x = Reference.orthogonalized(noise(rows * columns).map(Double.init), rows: rows)
        for a in 0..<rows {
            for b in 0..<rows {
                let product = (0..<columns).reduce(0) { $0 + x[a * columns + $1] * x[b * columns + $1] }
                #expect(abs(product - (a == b ? 1 : 0)) < 0.6)
            }
        }
    }

    @Test("Adam for rows equals its definition when rows come at different steps, and leaves all others alone")
    func rowAdam() {
        let (entries, channels) = (9, 19)
        var expected = noise(entries * channels).map { ($0, Float(0)) }
        var last = [Int](repeating: 0, count: entries)
        let table = Buffer(expected.map(\.0))
        let (second, lastStep) = (Buffer(repeating: 0, count: table.count), Buffer(repeating: 0, count: entries))
        for (step, rows) in [(1, [2, 5]), (2, [5]), (7, [8, 2, 0])] {
            let gradient = noise(rows.count * channels, seed: UInt64(step))
            let settings = RowAdamKernel.Settings(
                step: step, beta2: 0.99, epsilon: 1e-8, gradientScale: 0.7, learningRate: 1e-2,
                correction2: 1 - pow(0.99, Float(step)))
            RowAdamKernel.update(
                table, rows: rows.map(Int32.init), gradient: Buffer(gradient), secondMoment: second,
                lastStep: lastStep, settings)
            for (index, row) in rows.enumerated() {
                for channel in 0..<channels {
                    let place = row * channels + channel
                    expected[place] = Reference.rowAdam(
                        parameter: expected[place].0, gradient: gradient[index * channels + channel],
                        secondMoment: expected[place].1, age: step - last[row], settings)
                }
                last[row] = step
            }
            expectClose(table.array, expected.map(\.0), relative: 1e-5)
            expectClose(second.array, expected.map(\.1), relative: 1e-5)
            #expect(lastStep.array == last.map(Float.init))
        }
    }
}
