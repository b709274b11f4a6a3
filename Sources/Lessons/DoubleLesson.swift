import TinyGPT

/// Lesson 2: one neuron learns to double a number.
struct DoubleLesson: Lesson {
    let name = "double"
    let summary = "One neuron learns to double a number: forward, backward, update"
    let drawing: String? = "the loss of every epoch, with a good rate and with one that is too large"

    func teach(on page: Page) throws {
        page.text(
            """
            Somewhere there is a rule, double(x) = 2x. The neuron is not told the rule. It only gets four pairs of a number and \
            its double, and it has one number that it may change: its weight w. Its prediction for x is w x. At first w is 0.5, \
            which is wrong.
            """)
        let inputs: [Float] = [1, 2, 3, 4]
        let x = Tensor(inputs, shape: [4])
        let target = Tensor(inputs.map { 2 * $0 }, shape: [4])
        let w = Tensor.parameter(0.5)

        page.heading("Forward: how wrong is it?")
        page.text(
            """
            For each pair we take the error, prediction minus target, and square it, so that too little and too much both count. \
            The mean of the squares is the loss: one number, 0 if everything is right.
            """)
        let prediction = w * x
        let squares = (prediction - target).power(2)
        let loss = squares.mean()
        page.table(
            ["x", "target", "prediction", "error", "squared"],
            inputs.indices.map { index in
                let (wish, got) = (target.values[index], prediction.values[index])
                return [
                    inputs[index].fixed(0), wish.fixed(0), got.fixed(1), (got - wish).fixed(1),
                    squares.values[index].fixed(2),
                ]
            })
        page.check("loss", loss.scalar, is: (2.25 + 9 + 20.25 + 36) / 4, within: 1e-5)

        page.heading("Backward: which way is better?")
        page.text(
            """
            The gradient of w says how fast the loss grows when w grows (lesson 1). Here we can also work it out on paper. The \
            square of an error changes by 2 x error for each 1 in the prediction, and the prediction changes by x for each 1 in w. \
            So it is the mean of 2 · error · x: (2 (-1.5) 1 + 2 (-3) 2 + 2 (-4.5) 3 + 2 (-6) 4) / 4 = -22.5. It is negative: the \
            loss falls when w grows.
            """)
        let gradient = loss.gradients()[w].scalar
        page.check("gradient of w", gradient, is: -22.5, within: 1e-5)

        page.heading("Update: a small step that way")
        page.text(
            """
            The new weight is w minus the gradient times a small number, the learning rate; we take 0.02. The step is small \
            because the gradient only holds near the old w. So w becomes 0.5 - 0.02 x (-22.5) = 0.95. The library has this step \
            ready: it is called SGD, for stochastic gradient descent.
            """)
        let optimizer = SGD([w], learningRate: 0.02)
        optimizer.update((w * x).meanSquaredError(target).gradients())
        page.check("w after one update", w.scalar, is: 0.95, within: 1e-6)

        page.heading("And again")
        page.text(
            """
            Forward, backward and update, for all pairs together, are an epoch. That was one. Here it is again from the start, \
            twenty times:
            """)
        let history = train(rate: 0.02, epochs: 20)
        page.table(
            ["epoch", "loss", "gradient", "w after the update"],
            history.enumerated().map { epoch, state in
                ["\(epoch + 1)", state.loss.fixed(6), state.gradient.fixed(4), state.weight.fixed(4)]
            })
        page.text(
            """
            An error is (w - 2) · x, so the gradient is the mean of 2 · x · x, times (w - 2). For x = 1, 2, 3 and 4 that mean is \
            (2 + 8 + 18 + 32) / 4 = 15. Each epoch leaves 0.7 of the distance between w and 2, because 1 - 0.02 · 15 is 0.7. \
            So after 20 epochs w should be 2 - 1.5 x 0.7 x 0.7 x ... with 20 factors, which is 1.9988. Now the neuron doubles \
            numbers that it has never seen, too:
            """)
        let learned = history[19].weight
        page.check("w after 20 epochs", learned, is: 1.9988, within: 0.00005)
        page.check("double(50)", learned * 50, is: 100, within: 0.1, digits: 2)

        page.heading("A rate that is too large")
        page.text(
            """
            With a rate of 0.14 instead of 0.02 each step jumps over the goal, and lands farther from it than it began. The loss \
            grows. When a training ends in huge numbers, a smaller rate is the first thing to try.
            """)
        let wild = train(rate: 0.14, epochs: 20)
        page.table(
            ["epoch", "loss", "w after the update"],
            wild.prefix(5).enumerated().map { ["\($0 + 1)", $1.loss.fixed(2), $1.weight.fixed(2)] })
        page.check("The loss has grown from epoch 1 to 20", wild[19].loss > wild[0].loss)

        let lines: KeyValuePairs = ["rate 0.02": history.map(\.loss), "rate 0.14": wild.prefix(6).map(\.loss)]
        try page.drawing(LineChart("One neuron learns to double", over: "epoch", lines).svg)
    }

    /// Trains the neuron from w = 0.5; with loss and gradient of each epoch and the weight after it.
    private func train(rate: Float, epochs: Int) -> [(loss: Float, gradient: Float, weight: Float)] {
        let x = Tensor([1, 2, 3, 4], shape: [4])
        let target = Tensor([2, 4, 6, 8], shape: [4])
        let w = Tensor.parameter(0.5)
        let optimizer = SGD([w], learningRate: rate)
        return (0..<epochs).map { _ in
            let loss = (w * x).meanSquaredError(target)
            let value = loss.scalar
            let gradients = loss.gradients()
            optimizer.update(gradients)
            return (value, gradients[w].scalar, w.scalar)
        }
    }
}
