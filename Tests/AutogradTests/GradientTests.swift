import Foundation
import Testing

@testable import Autograd
@testable import KernelsTests

/// Numbers that look random and are the same every time, between -1 and 1.
func noise(_ shape: Shape, seed: UInt64 = 1, scale: Float = 1) -> Tensor {
    Tensor(noise(shape.count, seed: seed, scale: scale), shape: shape)
}

@Suite("Gradients")
struct GradientTests {
    /// An operation with a gradient: a row of the table below.
    struct Operation: CustomTestStringConvertible, Sendable {
        /// The name that the recorded graph has for it.
        let name: String
        /// The shapes of its operands, several times over.
        let shapes: [[[Int]]]
        let apply: @Sendable ([Tensor]) -> Tensor

        var testDescription: String { name }
    }

    static let elementwise = [[[3]], [[2, 5]], [[1, 7, 3]]]
    static let pairs = [
        [[3], [3]], [[2, 5], [5]], [[5], [2, 5]], [[3, 2, 3], []], [[], [7]], [[2, 3, 4], [3, 4]],
        [[2, 1], [1, 3]], [[3, 1, 2], [4, 1]], [[1, 5], [2, 5]], [[2, 1, 3, 1], [2, 1, 2]],
    ]
    static let dropped = Dropout(rate: 0.4, key: 99)

    static let table: [Operation] = [
        Operation(name: "+", shapes: pairs) { $0[0] + $0[1] },
        Operation(name: "-", shapes: pairs) { $0[0] - $0[1] },
        Operation(name: "*", shapes: pairs) { $0[0] * $0[1] },
        Operation(name: "/", shapes: pairs) { $0[0] / ($0[1] * $0[1] + 1) },
        Operation(name: "negate", shapes: elementwise) { -$0[0] },
        Operation(name: "exp", shapes: elementwise) { $0[0].exp() },
        Operation(name: "log", shapes: elementwise) { ($0[0] * $0[0] + 1).log() },
        Operation(name: "tanh", shapes: elementwise) { $0[0].tanh() },
        Operation(name: "sigmoid", shapes: elementwise) { $0[0].sigmoid() },
        Operation(name: "relu", shapes: elementwise) { ($0[0] + 0.59).relu() },
        Operation(name: "power", shapes: elementwise) { ($0[0] * $0[0] + 1).power(1.7) },
        Operation(name: "scale", shapes: elementwise) { $0[0].scaled(by: -2.5) },
        Operation(name: "scale", shapes: elementwise) { Float(3) * $0[0] - $0[0] * Float(0.5) },
        Operation(name: "sum", shapes: elementwise) { $0[0].sum() },
        Operation(name: "sum", shapes: [[[3, 4]], [[2, 3, 5]], [[2, 3, 1, 4]]]) {
            $0[0].sum(axis: 1, keepingAxis: true) * $0[0].sum(axis: -2)
        },
        Operation(name: "sum", shapes: [[[3, 4]], [[2, 3, 5]]]) {
            $0[0] - $0[0].mean(axis: -1, keepingAxis: true) * $0[0].sum(axis: 0, keepingAxis: true)
        },
        // The constants are further apart than the differences.
        Operation(name: "max", shapes: [[[3, 4]], [[2, 3, 5]]]) {
            ($0[0] + noise($0[0].shape, seed: 5, scale: 20)).max(axis: 1)
        },
        Operation(name: "max", shapes: [[[7]], [[2, 5]]]) {
            let x = $0[0] + noise($0[0].shape, seed: 5, scale: 20)
            return x.max() * x.max(axis: 0, keepingAxis: true)
        },
        Operation(name: "transpose", shapes: [[[3, 4]], [[2, 3, 5]]]) { $0[0].transposed() },
        Operation(name: "transpose", shapes: [[[2, 3, 5]], [[2, 3, 1, 4]]]) { $0[0].transposed(0, 2) },
        Operation(name: "slice", shapes: [[[3, 4]], [[3, 3, 2]]]) { $0[0].sliced(1..<3) * $0[0].sliced(0..<2) },
        Operation(name: "slice", shapes: [[[3, 4]], [[2, 3, 5]], [[2, 1, 2, 4]]]) { $0[0].sliced(1..<2, axis: -1) },
        Operation(name: "concatenate", shapes: [[[3, 4], [1, 4]], [[2], [5]], [[2, 3, 2], [0, 3, 2]]]) {
            Tensor.concatenated([$0[0], $0[1], $0[0]])
        },
        Operation(name: "concatenate", shapes: [[[2, 3, 4], [2, 1, 4]], [[1, 2, 1], [1, 3, 1]]]) {
            Tensor.concatenated([$0[0], noise($0[1].shape), $0[1]], axis: -2)
        },
        Operation(name: "broadcast", shapes: [[[3, 1]], [[1, 4]], [[3, 4]], [[]]]) {
            $0[0].broadcasted(to: [2, 3, 4])
        },
        Operation(name: "mask", shapes: [[[3, 4]], [[2, 3, 4]]]) {
            $0[0].masked(where: (0..<12).map { $0 % 3 == 0 }, with: 2).masked(
                where: Tensor([0, 1, 0], shape: [3, 1]), with: 1)
        },
        Operation(name: "-", shapes: [[[3, 4], [3, 4]]]) { $0[0].meanSquaredError($0[1]) },
        Operation(name: "reshape", shapes: [[[2, 6]]]) { $0[0].reshaped([3, 4]) * noise([3, 4], seed: 8) },
        Operation(name: "matmul", shapes: [[[2, 3], [3, 5]], [[2, 3, 4], [4, 1]], [[13, 7], [7, 33]]]) {
            $0[0].matmul($0[1])
        },
        Operation(
            name: "matmul",
            shapes: [[[2, 3], [3, 5], [5]], [[2, 3, 4], [4, 1], [1]], [[13, 7], [7, 33], [33]]]
        ) {
            $0[0].matmul($0[1], plus: $0[2])
        },
        Operation(name: "matmul", shapes: [[[2, 3], [5, 3]], [[11, 4], [3, 4]]]) { $0[0].matmul(transposed: $0[1]) },
        Operation(
            name: "matmul",
            shapes: [
                [[2, 3, 4], [2, 4, 5]], [[3, 4], [2, 4, 2]], [[2, 1, 3, 2], [3, 2, 3]], [[1, 2, 3], [2, 2, 3, 1]],
            ]
        ) {
            $0[0].matmul($0[1])
        },
        Operation(name: "matmul", shapes: [[[2, 3, 4], [2, 5, 4]], [[3, 4], [2, 2, 4]]]) {
            $0[0].matmul(transposed: $0[1])
        },
        Operation(name: "matmul", shapes: [[[2, 3, 4], [2, 4, 5], [5]]]) { $0[0].matmul($0[1], plus: $0[2]) },
        Operation(name: "gelu matmul", shapes: [[[2, 3], [3, 5], [5]], [[13, 7], [7, 33], [33]]]) {
            $0[0].geluMatmul($0[1], plus: $0[2])
        },
        Operation(name: "gelu matmul", shapes: [[[2, 3, 4], [4, 1]]]) { $0[0].geluMatmul($0[1]) },
        Operation(name: "gelu", shapes: elementwise) { $0[0].gelu() },
        Operation(name: "layer norm", shapes: [[[3, 5], [5]], [[2, 2, 17], [17]]]) { $0[0].layerNorm(weight: $0[1]) },
        Operation(name: "layer norm", shapes: [[[3, 5], [5], [5]]]) { $0[0].layerNorm(weight: $0[1], bias: $0[2]) },
        Operation(name: "RMS norm", shapes: [[[3, 5], [5]], [[2, 2, 17], [17]]]) { $0[0].rmsNorm(weight: $0[1]) },
        Operation(name: "SwiGLU", shapes: [[[2, 6]], [[13, 34]], [[2, 3, 2]]]) { $0[0].swiGLU() },
        Operation(name: "SwiGLU matmul", shapes: [[[2, 6], [3, 5]], [[13, 34], [17, 9]], [[2, 3, 2], [1, 1]]]) {
            $0[0].swiGLUMatmul($0[1])
        },
        Operation(
            name: "rotary", shapes: [[[1, 1, 6], [2], [2]], [[2, 5, 24], [4], [4]], [[1, 3, 36], [12], [12]]]
        ) {
            $0[0].rotary(
                queryGain: $0[1], keyGain: $0[2],
                rotations: noise([6, $0[1].shape[0]], seed: 8))
        },
        Operation(name: "dropout", shapes: elementwise) { $0[0].dropout(dropped) },
        Operation(name: "residual", shapes: [[[2, 9], [2, 9]]]) { $0[0].addingResidual($0[1], dropout: nil) },
        Operation(name: "residual", shapes: [[[2, 9], [2, 9]]]) { $0[0].addingResidual($0[1], dropout: dropped) },
        Operation(name: "embedding", shapes: [[[5, 3]]]) { $0[0].rows([4, 0, 4, 2], shape: [2, 2]) },
        Operation(name: "softmax", shapes: [[[2, 5]], [[3, 1]]]) { $0[0].softmax() },
        Operation(name: "cross-entropy", shapes: [[[3, 5]], [[1, 2]]]) {
            $0[0].crossEntropy((0..<Int32($0[0].shape[0])).map { $0 % 2 })
        },
        Operation(name: "attention", shapes: [[[1, 1, 6]], [[2, 5, 12]], [[1, 3, 18]]]) {
            $0[0].causalSelfAttention(heads: 2)
        }.with(heads: 1),
        Operation(name: "attention", shapes: [[[2, 5, 12]]]) { $0[0].causalSelfAttention(heads: 2, dropout: dropped) },
    ]

    @Test("Every operation's gradient is that of four-point finite differences", arguments: table)
    func finiteDifferences(operation: Operation) {
        for shapes in operation.shapes {
            let inputs = shapes.enumerated().map { noise(Shape($0.element), seed: UInt64($0.offset) + 3) }
            /// A scalar that depends on every element of the result in another way.
            func scalar(_ inputs: [Tensor]) -> Tensor {
                let result = operation.apply(inputs)
                return (result * noise(result.shape, seed: 77)).sum()
            }
            let parameters = inputs.map { Tensor.parameter($0.values, shape: $0.shape) }
            let gradients = scalar(parameters).gradients()
            for (index, input) in inputs.enumerated() {
                let actual = gradients[parameters[index]].values
                for element in input.values.indices {
                    func value(at offset: Float) -> Double {
                        var values = input.values
                        values[element] += offset
                        var shifted = inputs
                        shifted[index] = Tensor(values, shape: input.shape)
                        return Double(scalar(shifted).scalar)
                    }
                    let h: Float = 0.01
                    let expected =
                        (value(at: -2 * h) - 8 * value(at: -h) + 8 * value(at: h) - value(at: 2 * h)) / Double(12 * h)
                    let difference = abs(Double(actual[element]) - expected)
                    #expect(
                        difference < 2e-3 * max(1, abs(expected)),
                        "\(operation.name) \(shapes), operand \(index), element \(element): \(actual[element]), not \(expected)"
                    )
                }
            }
        }
    }

    @Test("Every operation that the graph can record has a row in the table")
    func tableIsComplete() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Autograd").standardized
        let files = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        let pattern = /(?:recorded\(\s*|combine\(|map\(|multiply\()"([^"\\]+?)(?: ?\\\([^)]*\))?"/
        var found: Set<String> = []
        for file in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            found.formUnion(text.matches(of: pattern).map { String($0.1) })
        }
        #expect(found.count > 15)
        #expect(found.subtracting(Self.table.map(\.name)) == [])
    }

    @Test("A product with a GELU has the same gradients whether or not its other operand is learned")
    func geluMatmulWithConstants() {
        let (x, w) = (noise([5, 7], seed: 1), noise([7, 3], seed: 2))
        let (input, weight) = (Tensor.parameter(x.values, shape: x.shape), Tensor.parameter(w.values, shape: w.shape))
        func gradients(_ a: Tensor, _ b: Tensor) -> Gradients { a.geluMatmul(b).power(2).sum().gradients() }
        let both = gradients(input, weight)
        #expect(gradients(input, w)[input].values == both[input].values)
        #expect(gradients(x, weight)[weight].values == both[weight].values)
    }

    @Test("A product with a SwiGLU has the same gradients whether or not its other operand is learned")
    func swiGLUMatmulWithConstants() {
        let (x, w) = (noise([5, 14], seed: 1), noise([7, 3], seed: 2))
        let (input, weight) = (Tensor.parameter(x.values, shape: x.shape), Tensor.parameter(w.values, shape: w.shape))
        func gradients(_ a: Tensor, _ b: Tensor) -> Gradients { a.swiGLUMatmul(b).power(2).sum().gradients() }
        let both = gradients(input, weight)
        #expect(gradients(input, w)[input].values == both[input].values)
        #expect(gradients(x, weight)[weight].values == both[weight].values)
    }

    @Test("The expression of micrograd's README has the published value and gradients")
    func micrograd() {
        let (a, b) = (Tensor.parameter(-4), Tensor.parameter(2))
        var c = a + b
        var d = a * b + b.power(3)
        c = c + c + 1
        c = c + 1 + c + (-a)
        d = d + d * 2 + (b + a).relu()
        d = d + 3 * d + (b - a).relu()
        let e = c - d
        let f = e.power(2)
        let g = f / 2 + 10 / f
        #expect(abs(g.scalar - 24.7041) < 1e-4)
        let gradients = g.gradients()
        #expect(abs(gradients[a].scalar - 138.8338) < 1e-3)
        #expect(abs(gradients[b].scalar - 645.5773) < 1e-3)
    }

    @Test("A tensor that is used twice gets both gradients, and shared buffers stay intact")
    func usedTwice() {
        let x = Tensor.parameter([1, -2, 3], shape: [3])
        #expect((x + x).sum().gradients()[x].values == [2, 2, 2])
        #expect((x * x).sum().gradients()[x].values == [2, -4, 6])
        let h = x.addingResidual(x.scaled(by: 3), dropout: nil)
        #expect(h.addingResidual(h * h, dropout: nil).sum().gradients()[x].values == [36, -60, 100])
    }

    @Test("What a scalar does not depend on has gradient zero, and a constant remembers nothing")
    func independent() {
        let (x, y) = (Tensor.parameter(2), Tensor.parameter(3))
        let gradients = (x * 5).gradients()
        #expect(gradients[x].scalar == 5)
        #expect(gradients[y].scalar == 0)
        #expect(!(x.constant * y.constant).isTracked)
        #expect((x.constant * y).gradients()[x].scalar == 0)
    }

    @Test("Taking gradients twice, or of shapes that do not fit, stops the program with both shapes")
    func misuse() async {
        let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let loss = Tensor.parameter(2) * 3
            _ = loss.gradients()
            _ = loss.gradients()
        }
        expectMessage("the gradients of this scalar have already been taken", twice)
        let shapes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([1, 2], shape: [2]) + Tensor([1, 2, 3], shape: [3])
        }
        expectMessage("(2) + (3): the shapes differ where neither size is 1", shapes)
    }

    @Test("Gradients of intermediate results are kept on request, of one or of all, and change no others")
    func intermediateResults() async {
        let (x, w) = (Tensor.parameter([1, 2], shape: [2]), Tensor.parameter([3, -1], shape: [2]))
        func loss() -> (h: Tensor, unused: Tensor, loss: Tensor) {
            let h = x * w
            // The same buffer is the gradient of both operands of a sum.
            return (h, x * 2, (h + h).power(2).sum() + h.sum())
        }
        let plain = loss().loss.gradients()
        let one = loss()
        let gradients = one.loss.gradients(keeping: [one.h, one.unused])
        #expect(gradients[one.h].values == [25, -15])
        #expect(gradients[one.unused].values == [0, 0])
        let all = loss()
        let allGradients = all.loss.gradients(keepingAll: true)
        #expect(allGradients[all.h].values == [25, -15])
        #expect(allGradients[all.loss].scalar == 1)
        for parameter in [x, w] {
            #expect(gradients[parameter].values == plain[parameter].values)
            #expect(allGradients[parameter].values == plain[parameter].values)
        }
    }

    @Test("A softmax of masked scores is 0 there, also of all but one, and all gradients are finite")
    func maskedSoftmax() {
        let scores = Tensor.parameter(noise(12), shape: [3, 4])
        let weights = scores.masked(where: (0..<12).map { $0 % 4 > $0 / 4 }, with: -.infinity).softmax()
        #expect(weights.values[0] == 1)
        for (index, weight) in weights.values.enumerated() { #expect((weight == 0) == (index % 4 > index / 4)) }
        let gradient = (weights * noise([3, 4], seed: 2)).sum().gradients()[scores].values
        for (index, element) in gradient.enumerated() {
            #expect(element.isFinite && (index % 4 <= index / 4 || element == 0))
        }
    }

    @Test("Shapes and axes that do not fit stop the program with the numbers", arguments: misfits.keys.sorted())
    func misfit(call: String) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [call] in
            let x = Tensor(repeating: 0, shape: [2, 3])
            switch call {
            case "axis": _ = x.sum(axis: 2)
            case "slice": _ = x.sliced(1..<4, axis: 1)
            case "concatenate": _ = Tensor.concatenated([x, x.transposed()])
            case "broadcast": _ = x.broadcasted(to: [2, 1])
            case "mask": _ = x.masked(where: [true, false], with: 0)
            case "max": _ = x.sliced(0..<0).max()
            case "batch": _ = x.matmul(Tensor(repeating: 0, shape: [2, 2, 3]))
            default: _ = x.meanSquaredError(x.transposed())
            }
        }
        expectMessage(try #require(Self.misfits[call]), result)
    }

    static let misfits = [
        "axis": "axis 2 of the shape (2, 3)", "slice": "a slice 1..<4 of axis 1 of the shape (2, 3)",
        "concatenate": "(3, 2) cannot be concatenated with (2, 3) along axis 0",
        "broadcast": "(2, 3) cannot be broadcast to (2, 1)", "mask": "2 conditions for a tensor of shape (2, 3)",
        "max": "a maximum along the empty axis 0 of the shape (0)",
        "batch": "(2, 3) x (2, 2, 3): the inner sizes differ or are 0",
        "mean squared error": "(2, 3) has no mean squared error with a target of shape (3, 2)",
    ]
}

extension GradientTests.Operation {
    /// A further row for one head.
    fileprivate func with(heads: Int) -> GradientTests.Operation {
        GradientTests.Operation(name: name, shapes: [[[1, 33, 3]], [[3, 2, 15]]] + shapes) { [apply] inputs in
            inputs[0].shape[-1] % 6 == 0 ? apply(inputs) : inputs[0].causalSelfAttention(heads: heads)
        }
    }
}
