import TinyGPT

/// The logits of the characters after each, of tokens row after row. Shape: (B, T) -> (B, T, V)
typealias CharacterModel = (_ tokens: [Int32], _ batch: Int) -> Tensor

/// Models of one text, each trained and measured in the same way.
final class Ladder {
    /// A model that was trained.
    struct Rung {
        let name: String
        /// Its loss in the lecture.
        let published: Double?
        let weights: Int
        let loss: Double
    }

    /// T, the characters that a model sees, and C.
    static let context = 8, width = 32
    /// The characters of a sample.
    static let sampled = 200
    /// The part of the lecture's steps that fits in half a minute.
    static let part = 0.3
    /// The digest of the lecture's text.
    static let tinyShakespeare = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"

    /// The tokens that samples continue: the end of the text to train on.
    private var prompt: [Int32] { corpus.train[corpus.train.count - Self.context..<corpus.train.count] }
    private(set) var rungs: [Rung] = []
    private let corpus: Corpus
    private let vocabulary: Vocabulary
    /// The part of the lecture's steps to make.
    private let part: Double

    init(_ corpus: Corpus, _ vocabulary: Vocabulary, part: Double) {
        (self.corpus, self.vocabulary, self.part) = (corpus, vocabulary, part)
    }

    /// Trains a model with the lecture's settings, and writes its loss and a sample.
    func climb(
        _ name: String, published: Double? = nil, steps: Int = 5000, rate: Double = 0.001, on page: Page,
        _ make: (ParameterList<Never>) -> CharacterModel
    ) {
        let list = ParameterList(seed: 1337)
        let model = make(list)
        var settings = AdamW.Settings(weightDecay: 0.01, clip: .infinity)
        settings.beta2 = 0.999
        let optimizer = AdamW(list.all, settings)
        let batches = BatchSampler(tokens: corpus.train, batch: 32, context: Self.context, seed: 1337)
        onOneThread {
            for step in 0..<Int(Double(steps) * part) {
                let (inputs, targets) = batches.batch(at: step)
                optimizer.update(model(inputs, 32).crossEntropy(targets).gradients(), learningRate: rate)
            }
        }
        add(
            name, published: published, weights: list.all.reduce(0) { $0 + $1.tensor.shape.count },
            loss: validationLoss(model), sample: sample(model), on: page)
    }

    /// Adds a GPT that was trained.
    func add(_ name: String, published: Double, _ gpt: GPT, on page: Page) throws {
        let generator = Generator(gpt, prompt: prompt, sampler: Sampler(), seed: 1)
        add(
            name, published: published, weights: gpt.parameterCount,
            loss: try Evaluation(of: gpt, on: corpus.validation).loss,
            sample: try (0..<Self.sampled).map { _ in try generator.next() }, on: page)
    }

    private func add(_ name: String, published: Double?, weights: Int, loss: Double, sample: [Int32], on page: Page) {
        rungs.append(Rung(name: name, published: published, weights: weights, loss: loss))
        page.lines("validation loss \(loss.fixed(3))" + (published.map { ", in the lecture \($0.fixed(2))" } ?? ""), "")
        page.written(vocabulary.decode(sample))
    }

    /// The table of all models.
    func report(on page: Page) {
        page.table(
            ["", "weights", "loss", "lecture"],
            rungs.map { [$0.name, "\($0.weights)", $0.loss.fixed(3), $0.published?.fixed(2) ?? ""] })
    }

    /// Checks the order of the losses; and if these are the lecture's text and steps, its figures.
    func check(on page: Page, isLectures: Bool) {
        if isLectures {
            for rung in rungs.dropLast() {
                guard let published = rung.published else { continue }
                page.check(rung.name, rung.loss, is: published, within: 0.05, digits: 3, source: "lecture")
            }
        }
        let loss = Dictionary(uniqueKeysWithValues: rungs.map { ($0.name, $0.loss) })
        func check(_ claim: String, _ name: String, isBelow other: String, by margin: Double = 0) {
            page.check(claim, loss[name]! < loss[other]! - margin)
        }
        check("Averaging is worse than pairs", "bigram", isBelow: "averaging")
        check("One head is better than pairs", "one head", isBelow: "bigram")
        check("Four heads are better than one", "four heads", isBelow: "one head")
        check("Feed-forward is better still", "feed-forward", isBelow: "four heads")
        check("Residuals are much better", "residuals", isBelow: "feed-forward", by: 0.05)
        check("Layer norm is a little better", "layer norm", isBelow: "residuals")
        check("The large model is the best", "scaled", isBelow: "layer norm")
    }

    /// The mean loss of all windows of the text to validate with.
    private func validationLoss(_ model: CharacterModel) -> Double {
        var (sum, count) = (0.0, 0)
        for windows in Windows(tokens: corpus.validation, context: Self.context, batch: 512)
        where windows.length == Self.context {
            let losses = model(windows.inputs, windows.rows).crossEntropies(windows.targets).values
            sum += losses.reduce(0) { $0 + Double($1) }
            count += losses.count
        }
        return sum / Double(count)
    }

    /// Characters drawn from a model, each after the last ``context``.
    private func sample(_ model: CharacterModel) -> [Int32] {
        var (tokens, random) = (prompt, RandomStream(seed: 1, purpose: .sampling))
        for _ in 0..<Self.sampled {
            let logits = model(tokens.suffix(Self.context), 1).values.suffix(vocabulary.count)
            tokens.append(Sampler().draw(Array(logits), &random))
        }
        return Array(tokens.dropFirst(Self.context))
    }

    /// Where a model begins and ends: the vectors of characters and positions, and the layer that makes logits.
    func ends(_ list: ParameterList<Never>) -> (embed: CharacterModel, output: Linear) {
        (embedding(list), list.linear("output", Self.width, vocabulary.count))
    }

    /// A vector for each character plus one for each position. Shape: (B, T) -> (B, T, C)
    private func embedding(_ list: ParameterList<Never>) -> CharacterModel {
        let tokens = list.make("tokens", shape: [vocabulary.count, Self.width], .normal(deviation: 1))
        let positions = list.make("positions", shape: [Self.context, Self.width], .normal(deviation: 1))
        return { tokens.rows($0, shape: [$1, Self.context]) + positions }
    }
}

extension ParameterList<Never> {
    /// A linear layer that starts as in the lecture: with the deviation that PyTorch gives it, 1 / sqrt(3 inputs).
    func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) -> Linear {
        let deviation = 1 / (3 * Float(inputs)).squareRoot()
        return Linear(
            scope(name), inputs: inputs, outputs: outputs, bias: bias, initialization: .normal(deviation: deviation))
    }
}
