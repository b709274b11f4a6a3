import Foundation
import Testing

@testable import Kernels

@Suite("Kernels that work element by element")
struct ElementwiseTests {
    /// One element, a register of 4, 8 or 16 more or less one, primes, and several threads' worth.
    static let counts = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 37, 3 * 16_667]

    static let unary: [ElementwiseKernel.Unary] = [
        .negate, .exp, .log, .tanh, .sigmoid, .relu, .power(3), .power(-0.5), .scale(-2),
    ]

    @Test("A function of each element, and its gradient, equal their definitions", arguments: counts)
    func functions(count: Int) {
        let incoming = noise(count, seed: 2)
        for operation in Self.unary {
            let input =
                switch operation {
                case .log, .power: noise(count).map { abs($0) + 0.5 }
                default: noise(count, scale: 3)
                }
            let (output, gradient) = (Buffer(repeating: .nan, count: count), Buffer(repeating: .nan, count: count))
            ElementwiseKernel.apply(operation, Buffer(input), output: output)
            let expected = input.map { Float(Reference.value(operation, Double($0))) }
            expectClose(output.array, expected, relative: 1e-6, absolute: 1e-7, "\(operation)")
            ElementwiseKernel.gradient(
                of: operation, input: Buffer(input), output: output, outputGradient: Buffer(incoming),
                inputGradient: gradient)
            let gradients = zip(input, incoming).map {
                Float(Reference.derivative(operation, Double($0)) * Double($1))
            }
            expectClose(gradient.array, gradients, relative: 1e-5, absolute: 1e-6, "gradient of \(operation)")
        }
    }

    @Test("ReLU passes nothing at 0 and below, forward and backward")
    func relu() {
        let x = Buffer([-1, -0.0, 0, 2])
        let (output, gradient) = (Buffer(repeating: .nan, count: 4), Buffer(repeating: .nan, count: 4))
        ElementwiseKernel.apply(.relu, x, output: output)
        ElementwiseKernel.gradient(
            of: .relu, input: x, output: output, outputGradient: Buffer(repeating: 3, count: 4),
            inputGradient: gradient)
        #expect(output.array == [0, 0, 0, 2])
        #expect(gradient.array == [0, 0, 0, 3])
    }

    @Test("Arithmetic on two arrays, the shorter one repeated, equals its definition", arguments: counts)
    func arithmetic(count: Int) {
        let (x, y) = (noise(count).map { abs($0) + 0.5 }, noise(count, seed: 2).map { abs($0) + 0.5 })
        let lengths = [count, 1, 3, 17].filter { $0 > 0 && count % $0 == 0 }
        for operation: ElementwiseKernel.Binary in [.add, .subtract, .multiply, .divide] {
            for length in lengths {
                let other = Array(y.prefix(length))
                for (left, right) in [(x, other), (other, x)] {
                    let result = Buffer(repeating: .nan, count: count)
                    ElementwiseKernel.apply(operation, Buffer(left), Buffer(right), output: result)
                    // One rounding of the exact result is the only difference there may be.
                    #expect(
                        result.array == Reference.combine(operation, left, right),
                        "\(operation) of \(left.count) and \(right.count)")
                }
            }
        }
    }

    @Test("A masked array, the mask repeated, equals its definition", arguments: counts)
    func mask(count: Int) {
        let x = noise(count)
        for length in [count, 1, 3, 17] where length > 0 && count % length == 0 {
            let mask = noise(length, seed: 2).map { $0 > 0 ? $0 : 0 }
            let result = Buffer(repeating: .nan, count: count)
            ElementwiseKernel.mask(Buffer(x), where: Buffer(mask), with: -.infinity, output: result)
            #expect(result.array == Reference.masked(x, mask: mask, value: -.infinity))
        }
    }

    @Test("Exponential and tanh keep their error bounds over the whole range of floats")
    func errorBounds() {
        let values = stride(from: UInt32(0), through: .max - 4001, by: 4001).map { Float(bitPattern: $0) }
        let (powers, tangents) = (Buffer(uninitialized: values.count), Buffer(uninitialized: values.count))
        ElementwiseKernel.apply(.exp, Buffer(values), output: powers)
        ElementwiseKernel.apply(.tanh, Buffer(values), output: tangents)
        // `max` passes over NaN, so what is wrongly NaN, or not, is counted by itself.
        var (worst, wrong) = ((exponential: 0.0, tanh: 0.0), 0)
        for (value, (power, tangent)) in zip(values, zip(powers.array, tangents.array)) {
            if power.isNaN != value.isNaN || tangent.isNaN != value.isNaN { wrong += 1 }
            if value.isNaN { continue }
            let (e, t) = (exp(Double(value)), tanh(Double(value)))
            worst.tanh = max(worst.tanh, abs(Double(tangent) - t) / Double(Float(t).ulp))
            if Float(e).isInfinite {
                if !power.isInfinite { wrong += 1 }
            } else {
                worst.exponential = max(worst.exponential, abs(Double(power) - e) / Double(Float(e).ulp))
            }
        }
        #expect(wrong == 0)
        #expect(worst.exponential > 0 && worst.exponential <= 2)
        #expect(worst.tanh > 0 && worst.tanh <= 3)
    }

    @Test("GELU and its derivative equal their definitions", arguments: counts)
    func gelu(count: Int) {
        let x = noise(count, scale: 8)
        let (output, gradient) = (Buffer(repeating: .nan, count: count), Buffer(repeating: .nan, count: count))
        GELUKernel.forward(Buffer(x), output: output)
        expectClose(output.array, x.map { Float(Reference.gelu(Double($0))) }, absolute: 1e-6)
        GELUKernel.backward(Buffer(x), outputGradient: Buffer(repeating: 2, count: count), inputGradient: gradient)
        expectClose(gradient.array, x.map { 2 * Float(Reference.geluDerivative(Double($0))) }, absolute: 3e-6)

        let (inPlace, again) = (Buffer(repeating: 2, count: count), Buffer(repeating: .nan, count: count))
        GELUKernel.backward(Buffer(x), outputGradient: inPlace, inputGradient: inPlace, output: again)
        #expect(inPlace.array == gradient.array)
        #expect(again.array == output.array)
    }

    @Test("Dropout is its definition to the bit, with a residual and without a mask too", arguments: counts)
    func dropout(count: Int) {
        let (x, residual) = (noise(count), noise(count, seed: 2))
        for (rate, key): (Float, UInt64) in [(0, 7), (0.2, 7), (0.5, 0x1234_5678_9ABC_DEF0), (0.99, .max)] {
            let factors = Reference.dropoutFactors(rate: rate, key: key, count: count)
            let result = Buffer(repeating: .nan, count: count)
            let mask = DropoutMask(rate: rate, key: key)
            DropoutKernel.forward(Buffer(x), mask: mask, output: result)
            #expect(result.array == Reference.dropout(x, factors: factors), "rate \(rate)")
            DropoutKernel.forward(Buffer(x), mask: mask, residual: Buffer(residual), output: result)
            let expected = Reference.dropout(x, factors: factors, residual: residual)
            expectClose(result.array, expected, relative: 1e-6, absolute: 1e-6, "rate \(rate)")
        }
        let plain = Buffer(repeating: .nan, count: count)
        DropoutKernel.forward(Buffer(x), mask: nil, residual: Buffer(residual), output: plain)
        #expect(plain.array == Reference.combine(.add, x, residual))
    }

    @Test("Dropout drops about the rate and scales the rest; masks of two keys, or of two heads, are independent")
    func dropoutRate() {
        let count = 100_001
        let keys: [(key: UInt64, part: Int)] = [(7, 0), (8, 0), (7 + 1 << 32, 0), (7, 1), (7, 2)]
        let masks = keys.map { key, part in
            Reference.dropoutFactors(rate: 0.2, key: key, part: part, count: count)
        }
        for mask in masks {
            #expect(Set(mask) == [0, 1.25])
            #expect(abs(Double(mask.count { $0 == 0 }) / Double(count) - 0.2) < 0.005)
        }
        for (index, mask) in masks.enumerated() {
            for other in masks[..<index] {
                let both = Double(zip(mask, other).count { $0 == 0 && $1 == 0 }) / Double(count)
                #expect(abs(both - 0.04) < 0.003)
            }
        }
    }
}
