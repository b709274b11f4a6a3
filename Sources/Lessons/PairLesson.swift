import Console
import Foundation
import TinyGPT

/// Lesson 9: the simplest models of a text, which know one character at most, by counting and by gradient descent.
struct PairLesson: Lesson {
    let name = "pair"
    let summary = "Texts as pairs of tokens, guessed by counting and by descent"
    let drawing: String? = "the table of pairs"
    let options: [any OptionKey] = [LessonOptions.text]

    func teach(on page: Page) throws {
        let loaded = try page.loadText()
        let (vocabulary, tokens, size) = (loaded.vocabulary, loaded.tokens.array, loaded.vocabulary.count)
        func name(_ token: Int) -> String { Vocabulary.visibleName(of: vocabulary.characters[token]) }

        page.heading("Texts as numbers")
        page.text(
            """
            A network computes with numbers, so the text becomes numbers: its \(size) different characters are \
            sorted, and each gets its place in that order, from 0 to \(size - 1). Such a number is called a token. \
            The text has \(tokens.count) of them. A model of texts guesses the next token. So an example to learn from is a \
            pair: a token, and the token after it. Here are the first eight (␣ is a blank, ⏎ the end of a line).
            """)
        page.table(
            ["from", "to", "tokens"],
            zip(tokens, tokens.dropFirst()).prefix(8).map { [name(Int($0)), name(Int($1)), "\($0) -> \($1)"] })
        page.text(
            """
            A guess is not one character, but a probability for each. The loss of a guess is -log(p), where p is the probability \
            that it gave to the character that then came, and log the natural logarithm. It is 0 for a guess that was sure and \
            right, and grows the more, the less the guess expected what came. The loss of a model is the mean over all pairs. A \
            model that expects every character alike has the loss log(\(size)) = \(log(Float(size)).fixed(4)). \
            Every model should do better.
            """)

        page.heading("How often is a character?")
        page.text(
            """
            Some characters are more frequent than others. The first model always guesses by these frequencies, whatever came \
            before (it is called unigram model). These are the most frequent characters, and a text drawn from the model: one \
            character after the other, each as likely as it is frequent.
            """)
        var counts = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
        for (from, to) in zip(tokens, tokens.dropFirst()) { counts[Int(from)][Int(to)] += 1 }
        let pairs = Double(tokens.count - 1)
        let frequencies = (0..<size).map { to in counts.reduce(0) { $0 + $1[to] } / pairs }
        let common = frequencies.indices.sorted { frequencies[$0] > frequencies[$1] }.prefix(27)
        page.lines(common.prefix(8).map { "\(name($0)) \((100 * frequencies[$0]).fixed(1)) %" }.joined(separator: "  "))
        let unigram = [[Double]](repeating: frequencies, count: size)
        page.lines(sample(unigram, vocabulary))

        page.heading("What comes after it?")
        page.text(
            """
            The character before says a lot: after q comes u. So the second model (the bigram model) has a table of \
            \(size) rows and as many columns. It counts how often each pair occurs, and divides each row by its sum, \
            so that the row of a character holds the probabilities of what comes next. Below is the table of the 27 most \
            frequent characters: the row is the character before, the column the one after, and the brighter, the more probable.
            """)
        let counted = counts.map { row in
            let sum = row.reduce(0, +)
            return sum > 0 ? row.map { $0 / sum } : frequencies
        }
        let picture = common.map { row in common.map { Float(counted[row][$0]) } }
        page.heatMap(picture, names: common.map(name), columns: common.map(name))
        let map = HeatMap(picture, names: common.map(name), columns: common.map(name))
        try page.drawing(map.svg(title: "The next character (columns) after a character (rows)"))
        page.lines(sample(counted, vocabulary))

        page.heading("The same table by gradient descent")
        page.text(
            """
            Counting works because the best table is known here. A network has no such formula, and learns in steps. Let the \
            table start with nothing but 0 and learn it the way a network does. Its entries are no probabilities but logits: any \
            numbers. The softmax makes probabilities of a row, e to the power of each logit, divided by the \
            sum of these powers in the row: all are positive, and their sum is 1. In each step the library works out how the loss changes with each logit (the gradient), and each logit \
            moves against it, by the gradient times a rate of 50.

            Pairs that occur more than once need not be computed more than once: the loss of each is multiplied by its share.
            """)
        let shares = Tensor(counts.joined().map { Float($0 / pairs) }, shape: [size, size])
        func loss(_ logits: Tensor) -> Tensor { -(logits.softmax().log() * shares).sum() }
        let zeros = [Float](repeating: 0, count: size * size)
        let logits = (0..<2).map { _ in Tensor.parameter(zeros, shape: [size, size]) }
        let descent = SGD([logits[0]], learningRate: 50)
        let adam = AdamW([logits[1]], AdamW.Settings(weightDecay: 0))
        var rows: [[String]] = []
        for step in 0...1000 {
            let losses = logits.map(loss)
            if [0, 1, 10, 100, 300, 1000].contains(step) {
                rows.append(["\(step)"] + losses.map { $0.scalar.fixed(4) })
            }
            descent.update(losses[0].gradients())
            adam.update(losses[1].gradients(), learningRate: 0.1)
        }
        page.table(["step", "plain descent", "Adam"], rows)
        page.text(
            """
            Plain descent is slow where a character is rare: its row counts for little in the loss, so its gradients are small, \
            and so are its steps. Adam is a way to update that divides each gradient by its usual size, and so moves all logits \
            at about the same speed. It ends where counting ends: no table of pairs has a lower loss. So the text that is drawn \
            from the learned table, with the same random numbers, is nearly the same.
            """)
        let probabilities = logits[1].constant.softmax().values.map { Double($0) }
        let learned = (0..<size).map { Array(probabilities[$0 * size..<($0 + 1) * size]) }
        page.lines(sample(learned, vocabulary))

        page.heading("Which model is the best?")
        let losses = [log(Double(size))] + [unigram, counted, learned].map { meanLoss($0, counts) }
        page.table(
            ["model", "loss", "choices"],
            zip(["none", "frequency", "pairs, counted", "pairs, learned"], losses).map {
                [$0, $1.fixed(4), exp($1).fixed(1)]
            })
        page.text(
            """
            The last column is exp(loss): a model with this loss is as uncertain as one that has to choose among so many \
            characters that are all equally likely (this is called perplexity). To do better, a model must look further back \
            than one character.
            """)
        let difference = common.flatMap { row in common.map { abs(learned[row][$0] - counted[row][$0]) } }.max() ?? 0
        page.check("loss of the learned table", losses[3], is: losses[2], within: 0.001, source: "counted")
        page.check("largest difference in the picture", difference, atMost: 0.01)
        page.check("No model is worse than the one before", zip(losses, losses[1...2]).allSatisfy { $1 <= $0 + 1e-9 })
    }

    /// The mean of -log(p) over all pairs, where p is the probability that the table of a model gives to the second character.
    private func meanLoss(_ table: [[Double]], _ counts: [[Double]]) -> Double {
        let terms = zip(counts, table).map { zip($0, $1).reduce(0) { $1.0 > 0 ? $0 - $1.0 * log($1.1) : $0 } }
        return terms.reduce(0, +) / counts.joined().reduce(0, +)
    }

    /// Characters drawn one after the other, each from the row of the one before it.
    private func sample(_ table: [[Double]], _ vocabulary: Vocabulary) -> String {
        var random = RandomStream(seed: 1, purpose: .sampling)
        var tokens = [vocabulary.index(of: "\n") ?? 0]
        for _ in 0..<150 {
            var rest = random.uniform()
            let next = table[Int(tokens[tokens.count - 1])].firstIndex { probability in
                rest -= probability
                return rest < 0
            }
            tokens.append(Int32(next ?? 0))
        }
        return vocabulary.decode(tokens.dropFirst())
    }
}
