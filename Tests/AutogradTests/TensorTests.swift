import Testing

@testable import Autograd

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
        await #expect(processExitsWith: .failure) {
            let a = Tensor.parameter(3)
            let square = a * a
            _ = (square + 1).gradients()[square]
        }
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

    @Test("Attention refuses numbers of heads that do not divide the channels", arguments: [0, -1, 5])
    func attentionHeads(heads: Int) async {
        await #expect(processExitsWith: .failure) { [heads] in
            _ = Tensor(repeating: 0, shape: [1, 2, 12]).causalSelfAttention(heads: heads)
        }
    }
}
