import Console
import TinyGPT

/// Lesson 7: from a table of pairs to a GPT, one idea at a time.
struct LadderLesson: Lesson {
    let name = "ladder"
    let summary = "From pairs of characters to a GPT, one idea at a time"
    var options: [any OptionKey] { [LessonOptions.text, Self.full] }
    static let full = Flag("full", "Train as long as the lecture does, and the last model for 1000 steps: minutes")

    func teach(on page: Page) throws {
        let text = try page.loadText(length: 200)
        let isFull = page.arguments[Self.full]
        let vocabulary = text.vocabulary.count
        var recipe = Preset.fast.recipe(vocabulary: vocabulary, characters: text.tokens.count)
        let corpus = try Corpus(text.tokens, text.vocabulary, context: recipe.model.context)
        let (time, width) = (Ladder.context, Ladder.width)
        let ladder = Ladder(corpus, text.vocabulary, part: isFull ? 1 : Ladder.part)

        page.text(
            """
            The lecture "Let's build GPT" by Andrej Karpathy builds a GPT step by step, and so does this lesson, on \
            \(text.tokens.count) characters of text, \(vocabulary) of them different. Each model guesses the next character. Its \
            loss is the mean of -ln p, where p is the probability that it has given to the character that came: 0 would be \
            perfect, ln \(vocabulary) is what blind guessing has. It learns from the first nine tenths of the text (training), \
            and is measured on the rest, which it never saw (validation). A step takes a batch of 32 pieces of 8 characters, \
            computes the gradients of the loss, and AdamW changes all weights a little. The lecture makes 3000 steps for the \
            first model and 5000 for the others; \
            \(isFull ? "so do we" : "here it is \(Ladder.part) of that, and --full makes all"). Beside each loss is that of the \
            lecture's model (aayushgarg.dev, 2025), below it what the model writes, each character drawn from its guess.
            """)

        page.heading("1  Pairs of characters (bigram)")
        page.text("A table with a row for each character: how likely is each one to come after it?")
        ladder.climb("bigram", published: 2.49, steps: 3000, rate: 0.01, on: page) { list in
            let table = list.make("table", shape: [vocabulary, vocabulary], .normal(deviation: 1))
            return { tokens, batch in table.rows(tokens, shape: [batch, time]) }
        }

        page.heading("2  Averaging (bag of words)")
        page.text(
            """
            To know more than one character, a character must get information from those before it. First, each becomes a row of \
            32 numbers, and so does each of the 8 positions; a linear layer at the end makes \(vocabulary) numbers of 32. In \
            between each row is replaced by the mean of itself and all before it. As in lesson 6 later ones are masked; all \
            scores are 0, so softmax weighs all alike. It is worse than pairs: the last character, which matters most, drowns.
            """)
        let future = (0..<time * time).map { $0 % time > $0 / time }
        let equal = Tensor(repeating: 0, shape: [time, time]).masked(where: future, with: -.infinity).softmax()
        ladder.climb("averaging", on: page) { list in
            let (embed, output) = ladder.ends(list)
            return { tokens, batch in output(equal.matmul(embed(tokens, batch))) }
        }

        page.heading("3  One head of attention")
        page.text("Lesson 6: queries and keys decide how much each earlier character counts.")
        ladder.climb("one head", published: 2.40, on: page) { list in
            let (embed, output) = ladder.ends(list)
            func projection(_ name: String) -> Linear { list.linear(name, width, width, bias: false) }
            let (query, key, value) = (projection("query"), projection("key"), projection("value"))
            return { tokens, batch in
                let x = embed(tokens, batch)
                let scores = query(x).matmul(transposed: key(x)) / Float(width).squareRoot()
                return output(scores.masked(where: future, with: -.infinity).softmax().matmul(value(x)))
            }
        }

        page.heading("4  Four heads")
        page.text(
            """
            One head can look for one thing. Four heads of 8 numbers look for four, at the same cost; their results stand side \
            by side. From here on one layer makes queries, keys and values, and one operation of the library does the rest.
            """)
        ladder.climb("four heads", published: 2.28, on: page) { list in
            let (embed, output) = ladder.ends(list)
            let attention = list.linear("qkv", width, 3 * width, bias: false)
            return { tokens, batch in output(attention(embed(tokens, batch)).causalSelfAttention(heads: 4)) }
        }

        page.heading("5  Feed-forward")
        page.text("The heads collect; a linear layer works on what they got. Negative results become 0 (ReLU).")
        ladder.climb("feed-forward", published: 2.27, on: page) { list in
            let (embed, output) = ladder.ends(list)
            let (attention, thought) = (
                list.linear("qkv", width, 3 * width, bias: false), list.linear("thought", width, width)
            )
            return { tokens, batch in
                output(thought(attention(embed(tokens, batch)).causalSelfAttention(heads: 4)).relu())
            }
        }

        page.heading("6  Three blocks with residuals")
        page.text(
            """
            Attention and feed-forward make a block; three blocks follow each other. A deep stack is hard to train, because \
            gradients fade on their way down. So a layer no longer replaces a row: it adds to it, and gradients pass sums \
            unchanged. This is called a residual connection. The feed-forward layer is 4 times as wide inside.
            """)
        ladder.climb("residuals", published: 2.09, on: page) { blocks($0, ladder, isNormalized: false) }

        page.heading("7  Layer norm")
        page.text("Before each layer every row is shifted and scaled to mean 0 and variance 1: no number runs away.")
        ladder.climb("layer norm", published: 2.08, on: page) { blocks($0, ladder, isNormalized: true) }

        page.heading("8  The same, larger")
        if isFull { recipe.training.steps = 1000 } else { (recipe.training.steps, recipe.training.batch) = (150, 6) }
        page.text(
            """
            Nothing new is needed any more, only more of it: \(recipe.model.layers) blocks, \(recipe.model.width) numbers a row, \
            and \(recipe.model.context) characters to look back at instead of 8. This is the recipe of "tinygpt train --preset \
            fast", with the improvements that came after the lecture, for \(recipe.training.steps) steps of \
            \(recipe.training.batch) pieces. The lecture's large model has 10 million weights and trained on a GPU.
            """)
        let gpt = try GPT(recipe.model, seed: recipe.training.seed)
        let trainer = Trainer(gpt, tokens: corpus.train, recipe.training)
        for _ in 1...recipe.training.steps { _ = try trainer.step() }
        try ladder.add("scaled", published: 1.48, gpt, on: page)

        page.heading("The ladder")
        ladder.report(on: page)
        let isLectures = isFull && text.sha256 == Ladder.tinyShakespeare
        if isLectures || page.arguments[LessonOptions.text] == nil { ladder.check(on: page, isLectures: isLectures) }
    }

    /// Three blocks: attention, then feed-forward, each adding to the rows.
    private func blocks(_ list: ParameterList<Never>, _ ladder: Ladder, isNormalized: Bool) -> CharacterModel {
        let (width, (embed, output)) = (Ladder.width, ladder.ends(list))
        func norm(_ name: String) -> LayerNorm? {
            isNormalized ? LayerNorm(list.scope(name), width: width, bias: true) : nil
        }
        let blocks = ["first", "second", "third"].map { name in
            let (part, wide) = (list.scope(name), 4 * width)
            return (
                norm1: norm(name + ".norm1"), attention: part.linear("qkv", width, 3 * width, bias: false),
                mix: part.linear("mix", width, width), norm2: norm(name + ".norm2"),
                up: part.linear("up", width, wide), down: part.linear("down", wide, width)
            )
        }
        let last = norm("norm")
        return { tokens, batch in
            var x = embed(tokens, batch)
            for block in blocks {
                x = x + block.mix(block.attention(block.norm1?(x) ?? x).causalSelfAttention(heads: 4))
                x = x + block.down(block.up(block.norm2?(x) ?? x).relu())
            }
            return output(last?(x) ?? x)
        }
    }
}
