import Foundation
import Testing

@testable import Kernels

@Suite("Kernels that work row by row")
struct RowKernelTests {
    /// One row and one channel, a register of 4, 8 or 16 more or less one, primes, and several threads' worth of rows.
    static let sizes = [
        (1, 1), (2, 3), (3, 4), (3, 5), (1, 7), (5, 8), (3, 9), (2, 15), (70, 16), (7, 17), (67, 31), (130, 33),
        (5, 384),
    ]

    @Test("Layer norm equals its definition, gradients too, with and without a bias", arguments: sizes)
    func layerNorm(rows: Int, width: Int) {
        let (x, weight, bias) = (noise(rows * width, scale: 3), noise(width, seed: 2), noise(width, seed: 3))
        let incoming = noise(x.count, seed: 4)
        let expected = Reference.layerNormGradient(x, weight: weight, outputGradient: incoming)
        for bias in [bias, nil] {
            let output = Buffer(repeating: .nan, count: x.count)
            LayerNormKernel.forward(Buffer(x), weight: Buffer(weight), bias: bias.map { Buffer($0) }, output: output)
            expectClose(output.array, Reference.layerNorm(x, weight: weight, bias: bias), absolute: 1e-5)
            let gradients = (0..<3).map { Buffer(repeating: .nan, count: $0 == 0 ? x.count : width) }
            LayerNormKernel.backward(
                Buffer(x), weight: Buffer(weight), outputGradient: Buffer(incoming), inputGradient: gradients[0],
                weightGradient: gradients[1], biasGradient: bias == nil ? nil : gradients[2])
            // With few channels the variance may be small, and so its inverse, which is a factor of the gradient, large.
            expectClose(gradients[0].array, expected.input, relative: 1e-4, absolute: 2e-5)
            expectClose(gradients[1].array, expected.weight, relative: 1e-4, absolute: 2e-5)
            if bias != nil { expectClose(gradients[2].array, expected.bias, relative: 1e-4, absolute: 2e-5) }
        }
    }

    @Test("RMS norm equals its definition, gradients too", arguments: sizes)
    func rmsNorm(rows: Int, width: Int) {
        let (x, weight, incoming) = (
            noise(rows * width, scale: 3), noise(width, seed: 2), noise(rows * width, seed: 4)
        )
        let output = Buffer(repeating: .nan, count: x.count)
        RMSNormKernel.forward(Buffer(x), weight: Buffer(weight), output: output)
        expectClose(output.array, Reference.rmsNorm(x, weight: weight))
        let gradients = (0..<2).map { Buffer(repeating: .nan, count: $0 == 0 ? x.count : width) }
        RMSNormKernel.backward(
            Buffer(x), weight: Buffer(weight), outputGradient: Buffer(incoming), inputGradient: gradients[0],
            weightGradient: gradients[1])
        let expected = Reference.rmsNormGradient(x, weight: weight, outputGradient: incoming)
        expectClose(gradients[0].array, expected.input, relative: 1e-4, absolute: 2e-5)
        expectClose(gradients[1].array, expected.weight, relative: 1e-4, absolute: 2e-5)
    }

    @Test("SwiGLU equals its definition, gradient too, also where the gate is closed", arguments: sizes)
    func swiGLU(rows: Int, hidden: Int) {
        for scale: Float in [3, 200] {
            let (x, incoming) = (noise(2 * rows * hidden, scale: scale), noise(rows * hidden, seed: 4))
            let output = Buffer(repeating: .nan, count: incoming.count)
            SwiGLUKernel.forward(Buffer(x), hidden: hidden, output: output)
            let expected = Reference.swiGLU(x, hidden: hidden)
            expectClose(output.array, expected)
            let gradient = Buffer(repeating: .nan, count: x.count)
            for takesPlaceOfItsGradient in [false, true] {
                let outputGradient = Buffer(incoming)
                let again = takesPlaceOfItsGradient ? outputGradient : Buffer(repeating: .nan, count: incoming.count)
                SwiGLUKernel.backward(
                    Buffer(x), hidden: hidden, outputGradient: outputGradient, inputGradient: gradient, output: again)
                #expect(again.array == output.array)
                expectClose(
                    gradient.array, Reference.swiGLUGradient(x, hidden: hidden, outputGradient: incoming),
                    relative: 1e-5, absolute: 1e-5)
            }
        }
    }

    @Test("Softmax and cross-entropy equal their definitions, gradients too, for large logits too", arguments: sizes)
    func softmax(rows: Int, classes: Int) {
        let targets = (0..<rows).map { Int32($0 * 5 % classes) }
        let incoming = noise(rows * classes, seed: 2)
        for scale: Float in [1, 30, 1e4] {
            let x = noise(rows * classes, scale: scale)
            let (output, gradient) = (Buffer(repeating: .nan, count: x.count), Buffer(repeating: .nan, count: x.count))
            SoftmaxKernel.forward(Buffer(x), classes: classes, output: output)
            // The logarithm of the sum is as large as the logits, and with it what rounding it costs.
            let tolerance = 1e-6 * max(1, scale)
            expectClose(output.array, Reference.softmax(x, classes: classes), relative: tolerance, absolute: 1e-6)
            SoftmaxKernel.backward(
                output: output, classes: classes, outputGradient: Buffer(incoming), inputGradient: gradient)
            expectClose(
                gradient.array,
                Reference.softmaxGradient(output: output.array, classes: classes, outputGradient: incoming),
                relative: 1e-5, absolute: 1e-6)

            let (losses, sums) = (Buffer(repeating: .nan, count: rows), Buffer(repeating: .nan, count: rows))
            CrossEntropyKernel.forward(logits: Buffer(x), targets: targets, losses: losses, logSums: sums)
            expectClose(
                sums.array, Reference.logSums(x, classes: classes).map { Float($0) }, relative: 1e-6, absolute: 1e-6)
            expectClose(losses.array, Reference.crossEntropy(x, targets: targets), relative: 1e-5, absolute: tolerance)
            CrossEntropyKernel.backward(
                logits: Buffer(x), targets: targets, logSums: sums, scale: 0.5, gradient: gradient)
            expectClose(
                gradient.array, Reference.crossEntropyGradient(x, targets: targets, scale: 0.5), relative: tolerance,
                absolute: tolerance)
        }
    }

    @Test("Rows picked from a table, and their gradients summed by entry, equal their definitions", arguments: sizes)
    func embedding(entries: Int, width: Int) {
        let table = noise(entries * width)
        for count in [1, 3, 67, 200] {
            let indices = (0..<count).map { Int32($0 * $0 % 7 % entries) }
            let rows = Buffer(repeating: .nan, count: count * width)
            EmbeddingKernel.gather(Buffer(table), width: width, indices: indices, output: rows)
            #expect(rows.array == Reference.embedding(table, width: width, indices: indices))
            let incoming = noise(count * width, seed: 2)
            let gradient = Buffer(repeating: .nan, count: table.count)
            EmbeddingKernel.scatterAdd(
                Buffer(incoming), width: width, indices: indices, tableGradient: gradient)
            expectClose(
                gradient.array,
                Reference.embeddingGradient(incoming, width: width, indices: indices, entries: entries),
                absolute: 1e-5)
        }
    }

    @Test("Sums of rows, of elements and of squares equal plain sums", arguments: sizes)
    func reductions(rows: Int, columns: Int) {
        let x = noise(rows * columns)
        let sums = Buffer(repeating: .nan, count: columns)
        ReductionKernel.sumRows(Buffer(x), into: sums)
        expectClose(sums.array, Reference.sumRows(x, columns: columns), absolute: 1e-5)
        expectClose([ReductionKernel.sum(Buffer(x))], [Float(Reference.sum(x))], absolute: 1e-4)
        let many = [x, noise(50_001, seed: 3), [], noise(columns, seed: 4)]
        let (squares, expected) = (
            ReductionKernel.sumOfSquares(many.map { Buffer($0) }), Reference.sumOfSquares(many)
        )
        #expect(abs(squares / expected - 1) < 1e-6)
    }
}
