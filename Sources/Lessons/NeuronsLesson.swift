import TinyGPT

/// Lesson 3: a neuron, a layer, a network, and the bug that every beginner meets.
struct NeuronsLesson: Lesson {
    let name = "neurons"
    let summary = "A neuron, a layer, a network, and a famous bug on purpose"
    let drawing: String? = "the loss at every step, without the bug and with it"

    func teach(on page: Page) throws {
        page.text(
            """
            Here are four examples. Each has three numbers as its input, and a target, 1 or -1, that the network shall answer with. \
            They stand for any question with two answers: is this mail spam, is this a cat. They are those of a well-known lecture \
            about micrograd.
            """)
        let examples = Tensor.concatenated([inputs, targets], axis: 1)
        page.table(examples, rows: "example", columns: ["input 1", "input 2", "input 3", "target"], digits: 1)

        page.heading("A neuron")
        page.text(
            """
            A neuron has a weight for each input, and one more number, its bias. It multiplies each input by its weight and adds \
            the products and the bias. Then it bends the sum with tanh, a curve that goes through 0 and never leaves the range \
            from -1 to 1: tanh(0.5) = 0.46, tanh(1) = 0.76, tanh(3) = 0.995. The weights start at random, the bias at 0. This is \
            the first neuron of our network with the first example:
            """)
        let network = Network(seed: 1)
        let terms = (0..<3).map { (input: inputs.values[$0], weight: network.weights[0].values[4 * $0]) }
        let sum = terms.reduce(0) { $0 + $1.input * $1.weight }
        let output = Tensor([sum], shape: []).tanh().scalar
        let products = terms.map { "\($0.input.fixed(1)) x \($0.weight.fixed(4))" }.joined(separator: " + ")
        page.lines("\(products) = \(sum.fixed(4)), and its tanh is \(output.fixed(4))")

        page.heading("A layer")
        page.text(
            """
            A layer is several neurons that see the same inputs. The first one has 4 neurons with 3 weights each: a table of 3 x 4 \
            numbers, a matrix. The library computes the sums of all neurons for all examples at once; that is what multiplying two \
            matrices means. The outputs are a table, too: a row for each example, a column for each neuron. Its upper left \
            corner is the number from above.
            """)
        let outputs = network.layer(0, inputs)
        page.table(outputs, rows: "example", columns: (1...4).map { "neuron \($0)" })
        page.check(
            "first neuron, first example", outputs.values[0], is: Double(output), within: 1e-6, source: "by hand")

        page.heading("A network")
        page.text(
            """
            A network is layers one after the other: 3 inputs, 4 neurons that see them, 4 neurons that see those, and 1 neuron that \
            answers. It is called a multi-layer perceptron, MLP. Everything that can change, all weights and biases, are its \
            parameters: 3 x 4 + 4, 4 x 4 + 4 and 4 x 1 + 1.
            """)
        let count = network.parameters.reduce(0) { $0 + $1.shape.count }
        page.check("parameters", Float(count), is: 41, within: 0, digits: 0, source: "in the lecture")

        page.heading("Learning")
        page.text(
            """
            The loss is the sum of the squared errors of the four answers. A step is what it was for one neuron (lesson 2), now for \
            41 parameters at once. The learning rate is 0.05. We stop when each answer is within 0.05 of its target.
            """)
        let history = train(network, rate: 0.05, steps: 1000)
        let last = history.firstIndex(where: \.isRight) ?? history.count - 1
        page.table(
            ["step", "loss"] + (1...4).map { "answer \($0)" },
            ([0, 1, 2, 5, 10, 20, 50, 100].filter { $0 < last } + [last]).map { step in
                ["\(step)", history[step].loss.fixed(4)] + history[step].answers.map { $0.fixed(3) }
            })
        page.check("largest error of an answer", history[last].error, atMost: 0.05)

        page.heading("The famous bug")
        page.text(
            """
            In micrograd and in PyTorch each number stores its own gradient, and the backward pass adds to what is stored there. \
            So one must set all gradients to zero before each step. If one forgets it, and nearly everybody has, every step is \
            made with the gradients of all steps so far, added up. The program does not crash. Here are ten networks with other \
            random weights, trained for 300 steps with a rate of 0.1, without the bug and with it:
            """)
        let right = (1...10).map { train(Network(seed: $0), rate: 0.1, steps: 301) }
        let wrong = (1...10).map { train(Network(seed: $0), rate: 0.1, steps: 301, hasBug: true) }
        func row(_ run: [State]) -> [String] {
            [run.firstIndex(where: \.isRight).map { "\($0)" } ?? "-", run[300].loss.fixed(3)]
        }
        page.table(
            ["start", "all right at step", "loss at 300", "with the bug: at step", "loss at 300"],
            (0..<10).map { ["\($0 + 1)"] + row(right[$0]) + row(wrong[$0]) })
        page.text(
            """
            At first the bug looks like an improvement. The summed gradients are like a ball that rolls down without friction: it \
            becomes faster and faster. But it does not stop at the bottom. The old gradients push on when all is right, until \
            some answers are on the wrong side. An answer of -1 that should be 1 has an error of 2, and 2 squared is 4; two of \
            them are a loss of 8. There tanh is flat, all gradients are nearly 0, and the network stays wrong.
            """)
        page.check("All ten stay right without the bug", right.allSatisfy { $0[300].loss < 0.1 })
        page.check("Not all of them do with it", wrong.contains { $0[300].loss > 1 })
        page.text(
            """
            It cannot happen here by accident. loss.gradients() returns the gradients of this one loss as a new value, and no \
            parameter stores any. What is not stored needs no zeroing, and a zeroing that does not exist cannot be forgotten. To \
            show the bug this lesson had to write it down: total += gradients.
            """)
        let shown = wrong.firstIndex { $0[300].loss > 1 } ?? 0
        let (correct, buggy) = (right[shown].prefix(40).map(\.loss), wrong[shown].prefix(40).map(\.loss))
        try page.drawing(LineChart("A famous bug", over: "step", ["correct": correct, "with the bug": buggy]).svg)
    }

    private var inputs: Tensor { Tensor([2, 3, -1, 3, -1, 0.5, 0.5, 1, 1, 1, 1, -1], shape: [4, 3]) }
    private var targets: Tensor { Tensor([1, -1, -1, 1], shape: [4, 1]) }

    /// Trains a network; with the bug, each step adds the gradients of all steps before.
    private func train(_ network: Network, rate: Float, steps: Int, hasBug: Bool = false) -> [State] {
        let optimizer = SGD(network.parameters, learningRate: rate)
        var total: Gradients?
        return (0..<steps).map { _ in
            let answers = network(inputs)
            let errors = answers - targets
            let loss = errors.power(2).sum()
            let state = State(loss: loss.scalar, answers: answers.values, error: errors.values.map(abs).max()!)
            let gradients = loss.gradients()
            if hasBug, total != nil { total! += gradients } else { total = gradients }
            optimizer.update(total!)
            return state
        }
    }
}

/// A step of a training, with the largest error of the answers.
private struct State {
    let loss: Float, answers: [Float], error: Float
    var isRight: Bool { error <= 0.05 }
}

/// Layers of 4, 4 and 1 neurons: a matrix of shape (inputs, neurons) and as many biases as neurons for each.
private struct Network {
    let weights: [Tensor], biases: [Tensor]
    var parameters: [Tensor] { weights + biases }

    init(seed: Int) {
        var random = RandomStream(seed: UInt64(seed), purpose: .initialization)
        weights = [[3, 4], [4, 4], [4, 1]].map { .parameter(uniform: Shape($0), in: -1...1, &random) }
        biases = [4, 4, 1].map { .parameter([Float](repeating: 0, count: $0), shape: [$0]) }
    }

    /// The output of a layer, counted from 0.
    func layer(_ index: Int, _ x: Tensor) -> Tensor { (x.matmul(weights[index]) + biases[index]).tanh() }

    func callAsFunction(_ x: Tensor) -> Tensor { (0..<3).reduce(x) { layer($1, $0) } }
}
