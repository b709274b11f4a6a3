import Foundation
import Testing

@testable import Kernels

@Suite("Kernels that work row by row or element by element")
struct RowKernelTests {
    @Test(
        "Layer norm equals its definition, gradients too", arguments: [(1, 1), (3, 5), (70, 16), (130, 33), (5, 384)])
    func layerNorm(rows: Int, channels: Int) {
        let (x, weight, bias) = (noise(rows * channels, scale: 3), noise(channels, seed: 2), noise(channels, seed: 3))
        let output = Buffer(repeating: .nan, count: x.count)
        LayerNormKernel.forward(Buffer(x), weight: Buffer(weight), bias: Buffer(bias), output: output)
        expectClose(output.array, Reference.layerNorm(x, weight: weight, bias: bias), absolute: 1e-5)
        let incoming = noise(x.count, seed: 4)
        let gradients = (0..<3).map { Buffer(repeating: .nan, count: $0 == 0 ? x.count : channels) }
        LayerNormKernel.backward(
            Buffer(x), weight: Buffer(weight), outputGradient: Buffer(incoming), inputGradient: gradients[0],
            weightGradient: gradients[1], biasGradient: gradients[2])
        let expected = Reference.layerNormGradient(x, weight: weight, outputGradient: incoming)
        if channels > 1 { expectClose(gradients[0].array, expected.input, relative: 1e-4, absolute: 2e-5) }
        expectClose(gradients[1].array, expected.weight, relative: 1e-4, absolute: 2e-5)
        expectClose(gradients[2].array, expected.bias, relative: 1e-4, absolute: 2e-5)
    }

    @Test("GELU and its derivative equal their definitions")
    func gelu() {
        let x = noise(1003, scale: 8)
        let (output, gradient) = (Buffer(repeating: .nan, count: x.count), Buffer(repeating: .nan, count: x.count))
        GELUKernel.forward(Buffer(x), output: output)
        expectClose(output.array, x.map { Float(Reference.gelu(Double($0))) }, absolute: 1e-6)
        GELUKernel.backward(Buffer(x), outputGradient: Buffer(repeating: 2, count: x.count), inputGradient: gradient)
        expectClose(gradient.array, x.map { 2 * Float(Reference.geluDerivative(Double($0))) }, absolute: 3e-6)

        let (inPlace, again) = (Buffer(repeating: 2, count: x.count), Buffer(repeating: .nan, count: x.count))
        GELUKernel.backward(Buffer(x), outputGradient: inPlace, inputGradient: inPlace, output: again)
        #expect(inPlace.array == gradient.array)
        #expect(again.array == output.array)
    }

    @Test(
        "Softmax and cross-entropy equal their definitions, for large logits too",
        arguments: [(1, 2), (7, 65), (3, 16)])
    func softmax(rows: Int, classes: Int) {
        let targets = (0..<rows).map { Int32($0 * 5 % classes) }
        for scale: Float in [1, 30, 1e4] {
            let x = noise(rows * classes, scale: scale)
            let output = Buffer(repeating: .nan, count: x.count)
            SoftmaxKernel.forward(Buffer(x), classes: classes, output: output)
            // The logarithm of the sum is as large as the logits, and with it what rounding it costs.
            let tolerance = 1e-6 * max(1, scale)
            expectClose(output.array, Reference.softmax(x, classes: classes), relative: tolerance, absolute: 1e-6)
            let (losses, sums) = (Buffer(repeating: .nan, count: rows), Buffer(repeating: .nan, count: rows))
            CrossEntropyKernel.forward(logits: Buffer(x), targets: targets, losses: losses, logSums: sums)
            if scale < 50 {
                expectClose(losses.array, Reference.crossEntropy(x, targets: targets), relative: 1e-4, absolute: 1e-5)
            }
            let gradient = Buffer(repeating: .nan, count: x.count)
            CrossEntropyKernel.backward(
                logits: Buffer(x), targets: targets, logSums: sums, scale: 0.5, gradient: gradient)
            expectClose(
                gradient.array, Reference.crossEntropyGradient(x, targets: targets, scale: 0.5), relative: tolerance,
                absolute: tolerance)
        }
    }

    @Test("AdamW equals its definition over several steps")
    func adamW() {
        let count = 37
        var expected = noise(count).map { ($0, Float(0), Float(0)) }
        let buffers = [Buffer(noise(count)), Buffer(repeating: 0, count: count), Buffer(repeating: 0, count: count)]
        for step in 1...5 {
            let gradient = noise(count, seed: UInt64(step) + 10)
            let settings = AdamWKernel.Settings(
                beta1: 0.9, beta2: 0.99, epsilon: 1e-8, gradientScale: 0.7, learningRate: 1e-2, weightDecay: 0.1,
                correction1: 1 - pow(0.9, Float(step)), correction2: 1 - pow(0.99, Float(step)))
            AdamWKernel.update(
                [
                    .init(
                        parameter: buffers[0], gradient: Buffer(gradient), firstMoment: buffers[1],
                        secondMoment: buffers[2], decays: true)
                ], settings)
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

    @Test("Gathering and scattering are each other's gradients")
    func embedding() {
        let (entries, channels) = (11, 37)
        let (table, indices): ([Float], [Int32]) = (noise(entries * channels), [3, 0, 3, 10, 7])
        let rows = Buffer(repeating: .nan, count: indices.count * channels)
        EmbeddingKernel.gather(Buffer(table), channels: channels, indices: indices, output: rows)
        #expect(rows.array == indices.flatMap { table[Int($0) * channels..<(Int($0) + 1) * channels] })
        let gradient = Buffer(repeating: .nan, count: table.count)
        EmbeddingKernel.scatterAdd(rows, channels: channels, indices: indices, tableGradient: gradient)
        let expected = (0..<entries).flatMap { entry in
            let uses = Float(indices.count { $0 == entry })
            return table[entry * channels..<(entry + 1) * channels].map { $0 * uses }
        }
        expectClose(gradient.array, expected)
    }

    @Test("Dropout drops about the rate, scales the rest, and does the same again for the same key")
    func dropout() {
        let count = 100_001
        func run(_ key: UInt64) -> [Float] {
            let output = Buffer(repeating: .nan, count: count)
            DropoutKernel.forward(
                Buffer(repeating: 1, count: count), mask: DropoutMask(rate: 0.2, key: key), output: output)
            return output.array
        }
        let values = run(7)
        #expect(Set(values) == [0, 1.25])
        #expect(abs(Double(values.count { $0 == 0 }) / Double(count) - 0.2) < 0.005)
        #expect(values == run(7))
        let other = run(8)
        let both = Double(zip(values, other).count { $0 == 0 && $1 == 0 }) / Double(count)
        #expect(abs(both - 0.04) < 0.003, "masks of two keys are not independent")
    }

    @Test("Exponential and tanh keep their error bounds over the whole range of floats")
    func functions() {
        let values = stride(from: UInt32(0), through: .max - 4001, by: 4001).map { Float(bitPattern: $0) }
        let (powers, tangents) = (Buffer(uninitialized: values.count), Buffer(uninitialized: values.count))
        ElementwiseKernel.apply(.exp, Buffer(values), output: powers)
        ElementwiseKernel.apply(.tanh, Buffer(values), output: tangents)
        var worst = (exponential: 0.0, tanh: 0.0)
        for (value, (power, tangent)) in zip(values, zip(powers.array, tangents.array)) {
            if value.isNaN {
                #expect(power.isNaN && tangent.isNaN)
                continue
            }
            let (e, t) = (exp(Double(value)), tanh(Double(value)))
            worst.tanh = max(worst.tanh, abs(Double(tangent) - t) / Double(Float(t).ulp))
            if Float(e).isInfinite {
                #expect(power.isInfinite)
            } else {
                worst.exponential = max(worst.exponential, abs(Double(power) - e) / Double(Float(e).ulp))
            }
        }
        #expect(worst.exponential <= 2)
        #expect(worst.tanh <= 3)
    }

    @Test("Sums of rows, of elements and of squares equal plain sums")
    func reductions() {
        let x = noise(50 * 77)
        let sums = Buffer(repeating: .nan, count: 77)
        ReductionKernel.sumRows(Buffer(x), into: sums)
        expectClose(
            sums.array, (0..<77).map { column in (0..<50).reduce(0) { $0 + x[$1 * 77 + column] } }, absolute: 1e-5)
        expectClose([ReductionKernel.sum(Buffer(x))], [Float(x.reduce(0.0) { $0 + Double($1) })], absolute: 1e-3)
        let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(ReductionKernel.sumOfSquares([Buffer(x)]) / squares - 1) < 1e-6)
        let many = [3, 50_001, 17].map { noise($0, seed: UInt64($0)) }
        let together = many.joined().reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(ReductionKernel.sumOfSquares(many.map { Buffer($0) }) / together - 1) < 1e-6)
    }

    @Test("Arithmetic on many elements equals that on each", arguments: [0, 1, 3 * 16_667])
    func arithmetic(count: Int) {
        let (x, y) = (noise(count).map { abs($0) + 0.5 }, noise(count, seed: 2).map { abs($0) + 0.5 })
        let row = Array(y.prefix(3))
        func check(_ expected: [Float], _ what: Comment, _ compute: (Buffer) -> Void) {
            let result = Buffer(repeating: .nan, count: count)
            compute(result)
            expectClose(result.array, expected, relative: 1e-5, absolute: 1e-6, what)
        }
        typealias Operation = (ElementwiseKernel.Binary, (Float, Float) -> Float)
        let binary: [Operation] = [(.add, +), (.subtract, -), (.multiply, *), (.divide, /)]
        for (operation, definition) in binary {
            check(zip(x, y).map(definition), "\(operation)") {
                ElementwiseKernel.apply(operation, Buffer(x), Buffer(y), output: $0)
            }
            guard count > 1 else { continue }
            for other in [row, [row[0]]] {
                let repeated = x.indices.map { other[$0 % other.count] }
                check(zip(x, repeated).map(definition), "\(operation), \(other.count) repeated on the right") {
                    ElementwiseKernel.apply(operation, Buffer(x), Buffer(other), output: $0)
                }
                check(zip(repeated, x).map(definition), "\(operation), \(other.count) repeated on the left") {
                    ElementwiseKernel.apply(operation, Buffer(other), Buffer(x), output: $0)
                }
            }
        }
        typealias Function = (ElementwiseKernel.Unary, (Float) -> Float, (Float) -> Float)
        let unary: [Function] = [
            (.negate, { -$0 }, { _ in -1 }), (.exp, { exp($0) }, { exp($0) }), (.log, { log($0) }, { 1 / $0 }),
            (.tanh, { tanh($0) }, { 1 - tanh($0) * tanh($0) }), (.relu, { max($0, 0) }, { $0 > 0 ? 1 : 0 }),
            (.power(3), { $0 * $0 * $0 }, { 3 * $0 * $0 }), (.scale(-2), { -2 * $0 }, { _ in -2 }),
        ]
        for (operation, definition, derivative) in unary {
            var input = x
            if case .relu = operation { input = noise(count) }
            let output = input.map(definition)
            check(output, "\(operation)") { ElementwiseKernel.apply(operation, Buffer(input), output: $0) }
            check(zip(input, y).map { derivative($0) * $1 }, "gradient of \(operation)") {
                ElementwiseKernel.gradient(
                    of: operation, input: Buffer(input), output: Buffer(output), outputGradient: Buffer(y),
                    inputGradient: $0)
            }
        }
    }
}
