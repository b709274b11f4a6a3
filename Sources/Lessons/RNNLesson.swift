import Console
import Foundation
import TinyGPT

/// Lesson 8: networks with a memory: a recurrent network and an LSTM.
struct RNNLesson: Lesson {
    let name = "rnn"
    let summary = "Networks with a memory: a recurrent network and an LSTM"
    var options: [any OptionKey] { [LessonOptions.text, Self.prime] }
    static let prime = Option<String>("prime", as: "TEXT", "Let samples continue this text instead of one never seen")

    func teach(on page: Page) throws {
        let text = try page.loadText(length: 1000)
        let vocabulary = text.vocabulary
        let corpus = try Corpus(text.tokens, vocabulary, context: Recurrent.texts * (Recurrent.time + 1))
        let prime =
            try page.arguments[Self.prime].map { try vocabulary.encode($0.unicodeScalars) }
            ?? corpus.validation[0..<min(24, corpus.validation.count)]
        if prime.isEmpty { throw UsageError("--prime is empty; expected at least one character") }

        page.heading("A network with a memory")
        page.text(
            """
            A GPT looks back at all characters in its window. Before it, networks had to remember. A recurrent network reads one \
            character at a time and keeps a state h, \(Recurrent.width) numbers. With each character x the state becomes

            h = tanh(Wx x + Wh h + b)

            where tanh squeezes every number to between -1 and 1. Wh mixes the old state, Wx x is a row of a table, one for each \
            character. From h a linear layer guesses the next character. To learn, the text is read in \(Recurrent.texts) places \
            at the same time, \(Recurrent.time) characters each, and the gradient flows back through all \(Recurrent.time) steps \
            (backpropagation through time). The next \(Recurrent.time) go on from the state that was reached. \
            \(Recurrent.windows) such windows:
            """)
        let simple = Recurrent(vocabulary: vocabulary.count, isLSTM: false)
        simple.train(on: corpus.train, page)

        page.heading("A better memory: the LSTM")
        page.text(
            """
            The whole state is made new at every step; what is to be kept a long time must survive a hundred products, and so \
            must its gradient. The long short-term memory (Hochreiter and Schmidhuber 1997) has a second state c, to which it \
            only adds. Three gates, numbers between 0 and 1 made by the sigmoid function, say how much is kept, written and \
            shown (their usual names are forget gate, input gate and output gate):

            c = keep * c + write * tanh(new), h = show * tanh(c)

            Each of keep, write, show and new has its own Wx, Wh and b, so there are four times as many weights:
            """)
        let lstm = Recurrent(vocabulary: vocabulary.count, isLSTM: true)
        let seconds = lstm.train(on: corpus.train, page)
        let speed = lstm.operations / seconds / 1e9
        let share = (speed / onOneThread { Benchmark.peak } * 100).fixed(0)
        page.lines("\(speed.fixed(1)) billion operations per second, \(share) % of the peak of one core")
        page.text(
            """
            Why not more? A step multiplies 8 rows of 128 numbers by a matrix of 128 x 512, a hundredth of what a GPT does at \
            once, and the next step cannot start before it is done. Around it are a dozen operations on a few thousand numbers, \
            which cost more to start than to do. On the way back, each step makes a gradient of all 65,536 weights of Wh and \
            adds it to the sum, which is more moving of numbers than computing.
            """)

        page.heading("Beside a GPT")
        var recipe = Preset.fast.recipe(vocabulary: vocabulary.count, characters: text.tokens.count)
        let trial = Trainer(try GPT(recipe.model, seed: 1), tokens: corpus.train, recipe.training)
        for _ in 1...3 { _ = try trial.step() }
        let cost = try ContinuousClock().measure { for _ in 1...5 { _ = try trial.step() } }.seconds / 5
        recipe.training.steps = max(1, Int(seconds / cost))
        let gpt = try GPT(recipe.model, seed: 1)
        let trainer = Trainer(gpt, tokens: corpus.train, recipe.training)
        let time = try ContinuousClock().measure { for _ in 1...recipe.training.steps { _ = try trainer.step() } }
            .seconds
        page.text(
            """
            The GPT of "tinygpt train --preset fast" computes all positions of a window at once, in large products, which all \
            cores share; the LSTM's are too small to divide. It trains for as many seconds as the LSTM, so how far it gets \
            depends on the computer. Losses on text that none has seen:
            """)
        let (simpleLoss, _) = simple.measure(corpus.validation)
        let (loss, states) = lstm.measure(corpus.validation)
        page.lines("recurrent network  \(simpleLoss.fixed(3))", "LSTM               \(loss.fixed(3))")
        let gptLoss = try Evaluation(of: gpt, on: corpus.validation).loss.fixed(3)
        page.lines("GPT                \(gptLoss) after \(time.fixed(1)) s, the LSTM's \(seconds.fixed(1)) s")

        page.heading("It writes")
        page.text(
            """
            The LSTM reads a text, and then continues it: a character is drawn from its guess and read, and so on. The logits, \
            its numbers before softmax, are divided by the temperature: at 0.5 likely characters get likelier, so that it dares \
            less; at 1 it draws as it has learned.
            """)
        for temperature in [0.5, 1] {
            page.heading("temperature \(temperature)")
            page.written(vocabulary.decode(prime + lstm.sample(after: prime, 160, temperature: temperature)))
        }

        page.heading("A neuron that counts")
        page.text(
            """
            The LSTM learned from characters alone. Does one of the \(Recurrent.width) numbers of h, its neurons, follow lines \
            or words? The correlation of two rows of numbers is 1 if they rise and fall together, -1 if one rises as the other \
            falls, 0 if they are unrelated. On the first half of the unseen text we look for the neuron that goes best with \
            something we know of the text; on the second half we measure again:
            """)
        let tokens = corpus.validation.array.dropLast()
        let finds = TextFeature.all(tokens, vocabulary).map { ($0.name, $0.best(of: states)) }
        page.table(
            ["", "neuron", "first half", "second half"],
            finds.map { [$0, "\($1.index)", $1.firstHalf.fixed(2), $1.secondHalf.fixed(2)] })
        let best = finds.map(\.1).max { abs($0.firstHalf) < abs($1.firstHalf) }!
        page.text("Neuron \(best.index) over the unseen text, brighter is more:")
        page.tintedText(vocabulary.decode(tokens.prefix(400)), states[best.index].prefix(400).map { ($0 + 1) / 2 })

        guard page.arguments[LessonOptions.text] == nil else { return }
        page.check("LSTM, validation loss", loss, atMost: 2.05, digits: 3)
        page.check("The LSTM is better than the simple network", loss < simpleLoss)
        page.check(
            "Correlation of the neuron on the second half, either sign", abs(best.secondHalf), atLeast: 0.5, digits: 2)
    }
}

extension Recurrent {
    /// Reads one more character of each text, and gives the new state: h, and c of an LSTM.
    ///
    /// Shape: tokens (B), parts of the state (B, H) -> parts of the state (B, H)
    func step(_ tokens: [Int32], _ state: [Tensor]) -> [Tensor] {
        let sums = wx.rows(tokens, shape: [tokens.count]) + wh(state[0])
        guard isLSTM else { return [sums.tanh()] }
        func part(_ number: Int) -> Tensor { sums.sliced(number * Self.width..<(number + 1) * Self.width, axis: 1) }
        // With 1 added, most is kept before anything is learned.
        let (keep, write, show) = ((part(0) + 1).sigmoid(), part(1).sigmoid(), part(2).sigmoid())
        let c = keep * state[1] + write * part(3).tanh()
        return [show * c.tanh(), c]
    }

    /// Reads characters one after the other: h after each, and the state at the end.
    ///
    /// Shape: tokens of each step (T, B), parts of the state (B, H) -> h (T B, H), parts of the state (B, H)
    func read(_ tokens: [[Int32]], from start: [Tensor]) -> (h: Tensor, state: [Tensor]) {
        var (state, h) = (start, [Tensor]())
        for tokens in tokens {
            state = step(tokens, state)
            h.append(state[0])
        }
        return (Tensor.concatenated(h), state.map(\.constant))
    }
}
