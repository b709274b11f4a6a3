import Testing

@testable import Autograd
@testable import KernelsTests

@Suite("Tensors")
struct TensorTests {
    @Test("A printed tensor shows its shape and its values")
    func description() {
        #expect("\(Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]))" == "(2, 3) [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]")
        #expect("\(Tensor.parameter(-4))" == "-4.0")
        #expect("\(Tensor([], shape: [0]))" == "(0) []")
        #expect(
            "\(Tensor((0..<20).map { Float($0) }, shape: [20]))" == "(20) [0.0, 1.0, 2.0, ..., 17.0, 18.0, 19.0]")
    }

    @Test("The gradient of an intermediate result is refused, because it would silently be zero")
    func intermediateGradient() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let a = Tensor.parameter(3)
            let square = a * a
            _ = (square + 1).gradients()[square]
        }
        expectMessage("gradients are kept for parameters only, not for the result of '*'", result)
    }

    @Test("The gradient of a parameter that a scalar does not depend on is zero")
    func independentParameter() {
        let (a, b) = (Tensor.parameter(3), Tensor.parameter([1, 2], shape: [2]))
        #expect((a * a).gradients()[b].values == [0, 0])
    }

    @Test("A graph of 200,000 operations is freed without overflowing the stack, with and without a backward pass")
    func longGraph() {
        let a = Tensor.parameter(1)
        var sum = a
        for _ in 0..<200_000 { sum = sum + a }
        #expect(sum.scalar == 200_001)
        #expect(sum.gradients()[a].scalar == 200_001)
        var unused = a
        for _ in 0..<200_000 { unused = unused + 1 }
        #expect(unused.scalar == 200_001)
    }

    @Test("So is a chain of 20,000 norms, whose results the backward pass recomputes one level deep")
    func longChainOfNorms() {
        let (x, weight) = (Tensor.parameter([1, -1], shape: [2]), Tensor.parameter([1, 1], shape: [2]))
        var h = x
        for _ in 0..<10_000 { h = h.layerNorm(weight: weight).rmsNorm(weight: weight) }
        // Norms of a normalized row change nothing but by epsilon, and no gradient gets through to the input.
        let gradients = (h * Tensor([1, 0], shape: [2])).sum().gradients()
        #expect(abs(h.values[0] - 1) < 1e-4 && abs(h.values[1] + 1) < 1e-4)
        #expect(gradients[x].values.allSatisfy { abs($0) < 1e-4 })
        #expect(gradients[weight].values[0].isFinite)
        var unused = x
        for _ in 0..<20_000 { unused = unused.layerNorm(weight: weight) }
        #expect(unused.isTracked)
    }

    @Test("A result is recomputed only from values that are kept")
    func recomputation() {
        let (x, weight) = (noise([3, 5]), Tensor.parameter(noise([5], seed: 2).values, shape: [5]))
        let first = x.layerNorm(weight: weight), second = first.rmsNorm(weight: weight)
        let third = second.layerNorm(weight: weight)
        #expect(first.recompute?().array == first.values)
        #expect(second.recompute == nil)
        #expect(third.recompute?().array == third.values)
    }

    @Test("Rows that a table does not have are refused", arguments: [-1, 4])
    func prefix(count: Int) async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [count] in
            _ = Tensor(repeating: 0, shape: [3, 2]).prefix(count: count)
        }
        expectMessage("the first \(count) rows of a table of 3", result)
    }

    @Test("Logits of no classes are refused")
    func noClasses() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([], shape: [2, 0]).crossEntropy([0, 0])
        }
        expectMessage("logits of shape (2, 0) do not match 2 targets", result)
    }

    @Test("Attention refuses numbers of heads that do not divide the channels", arguments: [0, -1, 5])
    func attentionHeads(heads: Int) async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [heads] in
            _ = Tensor(repeating: 0, shape: [1, 2, 12]).causalSelfAttention(heads: heads)
        }
        expectMessage("(1, 2, 12) is not queries, keys and values for \(heads) heads", result)
    }
}
