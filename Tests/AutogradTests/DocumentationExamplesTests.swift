import Testing

@testable import Autograd

@Suite("Examples of the documentation")
struct DocumentationExamplesTests {
    private let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])

    @Test("Arithmetic")
    func arithmetic() {
        let column = Tensor([1, 2], shape: [2, 1])
        #expect("\(column + Tensor([10, 20, 30], shape: [3]))" == "(2, 3) [[11.0, 21.0, 31.0], [12.0, 22.0, 32.0]]")
        let rate: Float = 0.1
        #expect("\(Tensor([1, 2], shape: [2]) * rate)" == "(2) [0.1, 0.2]")
        #expect("\(Tensor([-2, 0, 2], shape: [3]).sigmoid())" == "(3) [0.11920292, 0.5, 0.880797]")
    }

    @Test("Floats and literals are operands on either side")
    func floats() {
        let (two, half): (Float, Float) = (2, 0.5)
        #expect((x * two + half - two / x).values == (x * 2 + 0.5 - 2 / x).values)
        #expect((half - x / two).values == (0.5 - x / 2).values)
        #expect((two + two * x - half).values == (2 + 2 * x - 0.5).values)
    }

    @Test("Sums, means and maxima")
    func reductions() {
        #expect("\(Tensor([1, 4, 2], shape: [3]).max())" == "4.0")
        #expect("\(x.sum(axis: 0))" == "(3) [5.0, 7.0, 9.0]")
        #expect("\(x.sum(axis: 1, keepingAxis: true))" == "(2, 1) [[6.0], [15.0]]")
        #expect("\(x.mean(axis: 1))" == "(2) [2.0, 5.0]")
        let y = Tensor([1, 5, 3, 4, 2, 6], shape: [2, 3])
        #expect("\(y.max(axis: 0))" == "(3) [4.0, 5.0, 6.0]")
        #expect("\(y.max(axis: -1))" == "(2) [5.0, 6.0]")
        let target = Tensor([3, 3], shape: [2])
        #expect("\(Tensor([1, 2], shape: [2]).meanSquaredError(target))" == "2.5")
    }

    @Test("Axes")
    func axes() {
        #expect("\(x.transposed())" == "(3, 2) [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]")
        #expect("\(x.sliced(1..<2))" == "(1, 3) [[4.0, 5.0, 6.0]]")
        #expect("\(x.sliced(0..<2, axis: 1))" == "(2, 2) [[1.0, 2.0], [4.0, 5.0]]")
        let (a, b) = (Tensor([1, 2], shape: [1, 2]), Tensor([3, 4], shape: [1, 2]))
        #expect("\(Tensor.concatenated([a, b]))" == "(2, 2) [[1.0, 2.0], [3.0, 4.0]]")
        #expect("\(Tensor.concatenated([a, b], axis: -1))" == "(1, 4) [[1.0, 2.0, 3.0, 4.0]]")
        let column = Tensor([1, 2], shape: [2, 1])
        #expect("\(column.broadcasted(to: [2, 3]))" == "(2, 3) [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]")
    }

    @Test("Masks")
    func masks() {
        let scores = Tensor([1, 2, 3, 4], shape: [2, 2])
        let future = Tensor([0, 1, 0, 0], shape: [2, 2])
        #expect("\(scores.masked(where: future, with: -.infinity))" == "(2, 2) [[1.0, -inf], [3.0, 4.0]]")
        #expect(
            "\(scores.masked(where: [false, true, false, false], with: 0))" == "(2, 2) [[1.0, 0.0], [3.0, 4.0]]")
    }

    @Test("Matrix products")
    func matmul() {
        let x = Tensor([1, 2, 3, 4], shape: [2, 2])
        #expect("\(x.matmul(Tensor([1, 10], shape: [2, 1])))" == "(2, 1) [[21.0], [43.0]]")
        #expect("\(x.reshaped([2, 1, 2]).matmul(x.reshaped([2, 2, 1])))" == "(2, 1, 1) [[[5.0]], [[25.0]]]")
    }

    @Test("Gradients and graphs")
    func gradients() {
        let x = Tensor.parameter(3)
        let square = x * x
        let gradients = (square * 2).gradients(keeping: [square])
        #expect("\(gradients[x]) \(gradients[square])" == "12.0 2.0")

        let (a, b) = (Tensor.parameter(-4), Tensor.parameter(2))
        let loss = a * b
        let graph = loss.graph(names: ["a": a, "loss": loss])!
        #expect(
            "\(graph.with(loss.gradients(keepingAll: true)))" == """
                0: a: parameter () value -4.0000 gradient 2.0000
                1: parameter () value 2.0000 gradient -4.0000
                2: loss: * () <- 0, 1 value -8.0000 gradient 1.0000

                """)
    }
}
