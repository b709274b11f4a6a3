import Testing

@testable import KernelsTests
@testable import TinyGPT

@Suite("Optimizers of plain parameters")
struct SGDTests {
    @Test("The examples of the documentation")
    func examples() {
        let x = Tensor.parameter(3)
        let descent = SGD([x], learningRate: 0.25)
        for _ in 1...2 { descent.update((x * x).gradients()) }
        #expect("\(x)" == "0.75")
        let y = Tensor.parameter(3)
        AdamW([y]).update((y * y).gradients(), learningRate: 0.1)
        expectClose(y.values, [2.9])
    }

    @Test("Gradient descent with momentum and weight decay takes PyTorch's steps, and skips what has no gradient")
    func momentum() {
        let (x, other) = (Tensor.parameter([3, -1], shape: [2]), Tensor.parameter(5))
        let optimizer = SGD([other, x], learningRate: 0.1, momentum: 0.9, weightDecay: 0.5)
        // torch.optim.SGD([x], lr=0.1, momentum=0.9, weight_decay=0.5) on 0.1 (x ** 3).sum()
        for expected: [Float] in [[2.58, -0.98], [1.873_308, -0.941_812], [1.038_341_3, -0.886_962_5]] {
            optimizer.update((x.power(3).sum() * 0.1).gradients())
            expectClose(x.values, expected, relative: 1e-6)
        }
        #expect(other.scalar == 5)
        optimizer.learningRate = 0
        optimizer.update((x * x).sum().gradients())
        expectClose(x.values, [1.038_341_3, -0.886_962_5], relative: 1e-6)
    }
}
