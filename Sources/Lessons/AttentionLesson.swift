import TinyGPT

/// Lesson 6: queries, keys and values, and what "it" looks at.
struct AttentionLesson: Lesson {
    let name = "attention"
    let summary = "Queries, keys and values: how a word looks at the words before"
    let drawing: String? = "the waves that tell positions apart"

    func teach(on page: Page) throws {
        let words = "the pizza came out of the oven and it tasted good".split(separator: " ").map(String.init)
        page.text(
            """
            "The pizza came out of the oven and it tasted good." What tasted good? You know that "it" is the pizza and not the \
            oven. Here a network learns it. It reads a sentence and says, at each word, which word comes next. After "it" it can \
            only be right if it finds out what "it" is.
            """)
        page.heading("Every word asks, and every word answers")
        page.text(
            """
            A word is a row of 16 numbers, its embedding, plus 16 numbers for where it stands (see the end). All rows are the \
            matrix X. Three matrices of weights, Wq, Wk and Wv, (16, 16) each and random at first, make three rows out of each: \
            a query (what do I look for?), a key (what can be found here?) and a value (what do I hand over?). A row is a word, \
            a column a number, brighter is more:
            """)
        let columns = words.map { String($0.prefix(5)) }
        let start = AttentionHead(seed: 0)(Stories.tokens(words))
        page.lines("       X, (11, 16)      Q = X Wq         K = X Wk         V = X Wv")
        let matrices = [start.x, start.q, start.k, start.v].map(rows)
        page.heatMap(
            words.indices.map { i in
                Array(matrices.map { $0[i].map { min(1, max(0, $0 / 6 + 0.5)) } }.joined(separator: [0]))
            }, names: words)
        page.text(
            """
            How well a query fits a key is their dot product: multiply number by number and add up. The matrix product of Q and \
            the transposed K has all of them; divided by 4, the square root of 16, they are the scores, shape (11, 11). A row is \
            the word that looks, a column the word it looks at. Words that come later are masked, with a score of minus \
            infinity, here left out: who writes a sentence cannot read what is not yet written.
            """)
        page.table(
            [""] + words, zip(words, rows(start.scores)).map { [$0] + $1.map { $0.isFinite ? $0.fixed(1) : "" } })
        page.text(
            """
            Softmax makes weights of a row of scores: e to the power of each, divided by their sum. They add up to 1, and minus \
            infinity becomes 0. What a word gets is the sum of all values, each times its weight: weights V, shape (11, 16). X \
            plus that, times a last matrix of shape (16, \(Stories.vocabulary.count)), says how likely each of \
            \(Stories.vocabulary.count) words is to come next. The weights before training:
            """)
        page.heatMap(rows(start.weights), names: words, columns: columns)
        let kernel = Tensor.concatenated([start.q, start.k, start.v], axis: -1).causalSelfAttention(heads: 1)
        let difference = (kernel - start.weights.matmul(start.v)).values.map(abs).max()!
        page.check("The library's attention, one operation, gives the same within 0.0001", difference < 1e-4)

        page.heading("A little training")
        page.text(
            """
            96 sentences: 8 things, such as a pizza, a cat, a song, come out of 4 places, in 3 wordings, so that counting words \
            does not find the thing. Each does something else afterwards: the cat ran away, the song sounded sad. The network \
            sees 72. In the other 24 thing and place never met before, as pizza and oven. 200 steps later "it" looks at:
            """)
        let head = AttentionHead.trained(seed: 0)
        let end = head(Stories.tokens(words))
        let looks = [start, end].map { rows($0.weights)[Stories.it] }
        let shown = zip(["before", "after"], looks).map { [$0] + $1.prefix(9).map { $0.fixed(2) } }
        page.table([""] + words.prefix(9), shown)
        page.heatMap(rows(end.weights), names: words, columns: columns)
        page.check("\"it\" looks at \"pizza\", before training", looks[0][1], atMost: 0.3, digits: 2)
        page.check("\"it\" looks at \"pizza\", after training", looks[1][1], atLeast: 0.8, digits: 2)
        page.check("right word after \"it\", in unseen sentences", head.right(), atLeast: 0.9, digits: 2)

        page.heading("What if ...")
        page.text(
            """
            ... nothing is masked, or the other triangle (what came before), or the dot product is squared, or not divided by 4? \
            Means of five trainings each, from other random weights. The loss is the mean of -ln p, where p is the probability \
            given to the word that came: 0 is perfect. Then the loss of a writer, from whom later words are hidden.
            """)
        let results = AttentionHead.Variant.allCases.map { variant in
            let heads = (0..<5).map { AttentionHead.trained(seed: $0, variant) }
            func mean(_ value: (AttentionHead) -> Float) -> Float { heads.map(value).reduce(0, +) / 5 }
            let (loss, writing) = (mean { $0.loss().scalar }, mean { $0.loss(hidingFuture: true).scalar })
            return (variant.rawValue, loss: loss, writing: writing, right: mean { $0.right() })
        }
        page.table(
            ["", "loss", "writing", "right after \"it\""],
            results.map { [$0.0, $0.loss.fixed(3), $0.writing.fixed(3), "\(($0.right * 100).fixed(0)) %"] })
        page.text(
            """
            Without the mask the loss falls to almost nothing, and nothing is learned: the network reads the answer, which is \
            the next word. With the other triangle it reads it, too. A squared product cannot say no: the opposite of what is \
            looked for fits as well, and large scores leave softmax stuck with one word.
            """)
        page.check("Without a mask it reads the answer", results[1].loss < 0.1 && results[1].writing > 1)
        page.check("With the other triangle, too", results[2].loss < 0.1 && results[2].writing > 1)
        page.check("Squares learn less", results[3].loss > results[0].loss)
        page.check("Products that are not divided learn less", results[4].loss > results[0].loss)
        page.text(
            """
            Why divide? A sum of d random products is about as large as the root of d, and softmax of large scores gives one \
            word everything, before anything is learned. The largest weight of a word among 11, all random:
            """)
        let sizes = [4, 64, 1024].map { ($0, largestWeight($0, divided: true), largestWeight($0, divided: false)) }
        page.table(["d", "divided", "not divided"], sizes.map { ["\($0.0)", $0.1.fixed(2), $0.2.fixed(2)] })

        page.heading("Where a word stands")
        page.text(
            """
            Attention compares what words are; where they stand it cannot see. So each row of X gets waves of its position, too: \
            in column 0 its sine, in column 1 its cosine, and so on in pairs, ever slower, like the hands of a clock. 24 \
            positions, a row each, and 64 columns:
            """)
        let table = PositionalEncoding(context: 24, width: 64).table / Float(PositionalEncoding.scale)
        let (waves, names) = (rows(table).map { $0.map { $0 / 2 + 0.5 } }, (0..<24).map(String.init))
        page.heatMap(waves, names: names)
        let products = rows(table.matmul(transposed: table))
        let isSame = (0..<21).allSatisfy { abs(products[$0][$0 + 3] - products[0][3]) < 1e-3 }
        page.check("The dot product of two positions depends on nothing but their distance", isSame)
        try page.drawing(HeatMap(waves, names: names, columns: []).svg(title: "Sine and cosine positions"))
    }

    /// The mean of the largest weight with which each of 11 random queries of a width looks at 11 random keys.
    private func largestWeight(_ width: Int, divided: Bool) -> Float {
        var random = RandomStream(seed: 1, purpose: .initialization)
        let (q, k) = (Tensor.parameter(normal: [11, width], &random), Tensor.parameter(normal: [11, width], &random))
        let scores = q.matmul(transposed: k) / (divided ? Float(width).squareRoot() : 1)
        return scores.softmax().max(axis: 1).mean().scalar
    }
}

extension AttentionHead {
    /// Everything that the lesson shows, computed as it tells.
    func callAsFunction(_ tokens: [Int32], hidingFuture: Bool = false) -> Steps {
        let x = embedding.rows(tokens, shape: [tokens.count / Stories.length, Stories.length]) + positions
        let (q, k, v) = (x.matmul(wq), x.matmul(wk), x.matmul(wv))
        var products = q.matmul(transposed: k)
        if variant == .squared { products = products * products }
        if variant != .undivided { products = products / Float(Self.width).squareRoot() }
        let scores = products.masked(where: mask(hidingFuture: hidingFuture), with: -.infinity)
        let weights = scores.softmax()
        let logits = (x + weights.matmul(v)).matmul(output)
        return Steps(x: x, q: q, k: k, v: v, scores: scores, weights: weights, logits: logits)
    }
}

/// The rows of the innermost two axes.
private func rows(_ x: Tensor) -> [[Float]] {
    let (values, columns) = (x.values, x.shape[-1])
    return stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
}
