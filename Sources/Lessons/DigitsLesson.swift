import Console
import TinyGPT

/// Lesson 5: a network learns to read digits, with the gradients worked out by hand beside those of the library.
struct DigitsLesson: Lesson {
    let name = "digits"
    let summary = "A network reads digits, and its gradients are worked out by hand"
    let options: [any OptionKey] = [DigitsLesson.mnist]

    static let mnist = Option<String>(
        "mnist", as: "FOLDER", "Learn from the four files of the MNIST database in this folder, uncompressed")

    func teach(on page: Page) throws {
        let folder = page.arguments[Self.mnist]
        let (training, test) =
            try folder.map { try DigitSet.mnist(in: $0) }
            ?? (DigitSet(drawing: 10_000, seed: 1), DigitSet(drawing: 2000, seed: 2))

        page.text(
            """
            Can a program read digits? A rule such as "a zero is round" does not get far, because everybody writes a zero in \
            another way. So the program learns from examples: \(training.count) pictures, each with a label that says which \
            digit it shows. Another \(test.count) pictures are kept apart. The network never learns from them. They show \
            whether it has understood digits or only remembers its examples.

            A picture is 28 x 28 = 784 numbers, from 0 (paper) to 1 (ink). Here are ten, made smaller.
            """)
        page.image(training.sideBySide(0..<5))
        page.image(training.sideBySide(5..<10))

        page.heading("The network")
        page.text(
            """
            The 784 numbers go into 30 hidden neurons, and their 30 results into 10 output neurons, one for each digit. A neuron \
            multiplies each input by a weight, adds the products and a number of its own, the bias, and puts the sum z through \
            the sigmoid, 1 / (1 + exp(-z)), which bends every number into the range from 0 to 1. The answer is the digit with \
            the largest output. At first the weights are random, and so are the answers.

            The loss compares the outputs a with the targets y: 1 for the right digit, 0 for the other nine. It is half the sum \
            of all (a - y)^2, as a mean over the pictures. This network and its loss are those of chapter 1 of Michael \
            Nielsen's book "Neural Networks and Deep Learning".
            """)
        // A sum of n random terms is about sqrt(n) times as large as one. Weights that are so much smaller keep z near 0, where
        // the sigmoid is steep; on its flat ends a neuron hardly learns. (The book comes to this in chapter 3.)
        var random = RandomStream(seed: 3, purpose: .initialization)
        let w1 = Tensor.parameter(normal: [784, 30], deviation: 1 / Float(784).squareRoot(), &random)
        let b1 = Tensor.parameter(normal: [30], &random)
        let w2 = Tensor.parameter(normal: [30, 10], deviation: 1 / Float(30).squareRoot(), &random)
        let b2 = Tensor.parameter(normal: [10], &random)

        func hidden(_ x: Tensor) -> Tensor { x.matmul(w1, plus: b1).sigmoid() }
        func output(_ x: Tensor) -> Tensor { hidden(x).matmul(w2, plus: b2).sigmoid() }
        func loss(_ x: Tensor, _ y: Tensor) -> Tensor { (output(x) - y).power(2).sum() / Float(2 * x.shape[0]) }

        page.heading("Backpropagation by hand")
        page.text(
            """
            A gradient says how fast the loss grows when a weight grows. The library finds it for every weight. For this network \
            four equations find the same. They begin at the output, where the loss is, and go backwards, hence the name. The \
            error of a neuron is how fast the loss grows with its sum z, and a (1 - a) is the slope of the sigmoid.
            """)
        page.lines(
            "BP1  error of an output neuron  = (a - y) a (1 - a)",
            "BP2  error of a hidden neuron   = (sum of weight x error of outputs) a (1 - a)",
            "BP3  gradient of a bias         = error of its neuron",
            "BP4  gradient of a weight       = the input it multiplies x error of its neuron")
        page.text("Here they are for ten pictures, beside the gradients of the library.")

        let first: [Int32] = Array(0..<10)
        let (x, y) = (training.images(first), training.targets(first))
        let (a1, a2) = (hidden(x).constant, output(x).constant)
        let error2 = (a2 - y) * a2 * (1 - a2)  // BP1
        let error1 = error2.matmul(transposed: w2.constant) * a1 * (1 - a1)  // BP2
        // As means over the pictures, as the loss is.
        let byHand = [
            x.transposed().matmul(error1) / 10, error1.mean(axis: 0),  // BP4, BP3
            a1.transposed().matmul(error2) / 10, error2.mean(axis: 0),
        ]

        let parameters = [w1, b1, w2, b2]
        let gradients = loss(x, y).gradients()
        func largest(_ values: [Float]) -> Float { values.reduce(0) { max($0, abs($1)) } }
        let differences = zip(parameters, byHand).map { largest((gradients[$0] - $1).values) }
        page.table(
            ["gradient of", "shape", "largest", "largest difference"],
            ["hidden weights", "hidden biases", "output weights", "output biases"].enumerated().map { index, name in
                [
                    "\(name)", "\(byHand[index].shape)", largest(byHand[index].values).fixed(6),
                    differences[index].fixed(9),
                ]
            })
        page.check("largest difference between the two", largest(differences), atMost: 1e-6, digits: 9)

        page.heading("Learning")
        page.text(
            """
            The fifth equation is the update: new weight = weight - rate x gradient. The rate is 3. Before each update the \
            network sees only ten pictures, drawn at random: a mini-batch. Its gradient is a rough estimate of the gradient of \
            all pictures, but it costs \(training.count / 10) times less, so the network can take that many more steps. This is \
            stochastic gradient descent. An epoch is over when every picture has been seen once; then the network reads the \
            pictures that it does not learn from.
            """)
        func answers() -> [Int] {
            let outputs = output(test.pixels).values
            return (0..<test.count).map { picture in
                let start = picture * 10
                return (0..<10).max { outputs[start + $0] < outputs[start + $1] } ?? 0
            }
        }
        func right(_ answers: [Int]) -> Int { zip(answers, test.labels).count { $0 == Int($1) } }

        let optimizer = SGD(parameters, learningRate: 3)
        var order = (0..<training.count).map(Int32.init)
        var shares: [Double] = []
        let duration = ContinuousClock().measure {
            for epoch in 0..<10 {
                order.shuffle(using: &random)
                for start in stride(from: 0, through: order.count - 10, by: 10) {
                    let batch = order[start..<start + 10]
                    optimizer.update(loss(training.images(batch), training.targets(batch)).gradients())
                }
                let right = zip(answers(), test.labels).count { $0 == Int($1) }
                shares.append(100 * Double(right) / Double(test.count))
                page.lines("Epoch \(epoch): \(right) / \(test.count)")
            }
        }
        page.lines("10 epochs in \(duration.seconds.fixed(1)) seconds")

        let final = answers()
        let wrong = (0..<test.count).filter { final[$0] != Int(test.labels[$0]) }.prefix(5)
        if !wrong.isEmpty {
            page.text("Some that it still gets wrong:")
            page.image(test.sideBySide(wrong))
            page.lines("read as: " + wrong.map { "\(final[$0]) for \(test.labels[$0])" }.joined(separator: ", "))
        }

        page.text(
            """
            The network of the book learned from 50,000 digits of MNIST, written by hand, and was tested with 10,000 more. \
            \(folder == nil ? "Those here were drawn by the lesson; --mnist FOLDER learns from MNIST." : "")
            """)
        page.table(
            ["percent right", "after epoch 0", "in the best epoch"],
            [
                ["the book", "91.29", "95.42"],
                ["here", shares[0].fixed(2), shares.reduce(0, max).fixed(2)],
            ])
        page.check("percent right after 10 epochs", shares[9], atLeast: folder == nil ? 95 : 94, digits: 2)
    }
}
