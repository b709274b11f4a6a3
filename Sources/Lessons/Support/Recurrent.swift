import TinyGPT

/// A recurrent network or an LSTM that guesses the next character. What it computes at each step stands in the lesson.
struct Recurrent {
    /// H, the numbers of a state.
    static let width = 128
    /// B, the places that are read side by side, and T, the steps of a window.
    static let texts = 8, time = 100
    /// The windows to train on.
    static let windows = 400

    let isLSTM: Bool
    /// What each character adds. Shape: (V, H), of an LSTM (V, 4H)
    let wx: Tensor
    /// What the state adds.
    let wh: Linear
    private let output: Linear
    private let parameters: [NamedParameter]

    init(vocabulary: Int, isLSTM: Bool) {
        let list = ParameterList(seed: 1337)
        let (width, sums) = (Self.width, (isLSTM ? 4 : 1) * Self.width)
        let initialization = Initialization.normal(deviation: 1 / Float(width).squareRoot())
        self.isLSTM = isLSTM
        wx = list.make("wx", shape: [vocabulary, sums], .normal(deviation: 0.2))
        wh = Linear(list.scope("wh"), inputs: width, outputs: sums, initialization: initialization)
        output = Linear(list.scope("output"), inputs: width, outputs: vocabulary, initialization: initialization)
        parameters = list.all
    }

    /// The state before the first character.
    private func zeros(_ texts: Int) -> [Tensor] {
        [Tensor](repeating: Tensor(repeating: 0, shape: [texts, Self.width]), count: isLSTM ? 2 : 1)
    }

    /// Multiplications and additions in the products of the training: forward, and twice as many backward.
    var operations: Double {
        let products = wh.weight.shape.count + output.weight.shape.count
        return 6 * Double(products * Self.texts * Self.time * Self.windows)
    }

    /// Trains by backpropagation through time, on one thread, and writes how the loss falls.
    ///
    /// - Returns: The seconds it took.
    @discardableResult
    func train(on tokens: TokenArray, _ page: Page) -> Double {
        let (texts, time) = (Self.texts, Self.time)
        let optimizer = AdamW(parameters, AdamW.Settings(weightDecay: 0))
        let length = tokens.count / texts
        var (place, state, sum) = (0, zeros(texts), 0.0)
        func learn(window: Int) {
            if place + time + 1 > length { (place, state) = (0, zeros(texts)) }
            let lines = (0..<texts).map { tokens[$0 * length + place..<$0 * length + place + time + 1] }
            let steps = (0...time).map { step in lines.map { $0[step] } }
            let (h, next) = read(Array(steps.dropLast()), from: state)
            let loss = output(h).crossEntropy(steps.dropFirst().flatMap { $0 })
            sum += Double(loss.scalar)
            optimizer.update(loss.gradients(), learningRate: 0.01 * (1 - Double(window) / Double(Self.windows)))
            (place, state) = (place + time, next)
        }
        let seconds = ContinuousClock().measure {
            onOneThread {
                for window in 0..<Self.windows {
                    learn(window: window)
                    if (window + 1) % 100 == 0 {
                        page.lines("window \(window + 1)  loss \((sum / 100).fixed(3))")
                        sum = 0
                    }
                }
            }
        }.seconds
        let weights = parameters.reduce(0) { $0 + $1.tensor.shape.count }
        page.lines("\(weights) weights, \(Self.windows) windows in \(seconds.fixed(1)) seconds")
        return seconds
    }

    /// The mean loss on a text, and each number of the state over the text.
    func measure(_ tokens: TokenArray) -> (loss: Double, states: [[Float]]) {
        var (state, sum) = (zeros(1), 0.0)
        var states = [[Float]](repeating: [], count: Self.width)
        for windows in Windows(tokens: tokens, context: Self.time, batch: 1) {
            let (h, next) = read(windows.inputs.map { [$0] }, from: state)
            sum += output(h).crossEntropies(windows.targets).values.reduce(0) { $0 + Double($1) }
            for (index, value) in h.values.enumerated() { states[index % Self.width].append(value) }
            state = next
        }
        return (sum / Double(tokens.count - 1), states)
    }

    /// Characters drawn after a text.
    func sample(after text: [Int32], _ count: Int, temperature: Double) -> [Int32] {
        var random = RandomStream(seed: 1, purpose: .sampling)
        let sampler = Sampler(temperature: temperature)
        var (tokens, (h, state)) = (text, read(text.map { [$0] }, from: zeros(1)))
        for _ in 0..<count {
            tokens.append(sampler.draw(Array(output(h).values.suffix(wx.shape[0])), &random))
            (h, state) = read([[tokens[tokens.count - 1]]], from: state)
        }
        return Array(tokens.dropFirst(text.count))
    }
}
