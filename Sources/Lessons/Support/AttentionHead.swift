import TinyGPT

/// An embedding, one head of attention and a prediction of the next word, for ``Stories``. What it computes stands in the lesson.
struct AttentionHead {
    /// Ways to do it, most of them wrong.
    enum Variant: String, CaseIterable {
        case standard = "as above"
        case unmasked = "nothing masked"
        case otherTriangle = "other triangle"
        case squared = "squared"
        case undivided = "not divided"
    }

    /// What the computation goes through.
    struct Steps {
        /// Shape: (B, T, C)
        let x: Tensor, q: Tensor, k: Tensor, v: Tensor
        /// Shape: (B, T, T)
        let scores: Tensor, weights: Tensor
        /// Shape: (B, T, V)
        let logits: Tensor
    }

    /// C
    static let width = 16

    let variant: Variant
    /// Shape: (V, C)
    let embedding: Tensor
    /// Shape: (C, C)
    let wq: Tensor, wk: Tensor, wv: Tensor
    /// Shape: (C, V)
    let output: Tensor
    /// A constant. Shape: (T, C)
    let positions = PositionalEncoding(context: Stories.length, width: width).table / Float(PositionalEncoding.scale)

    /// Random weights, so large that the numbers in every matrix are about 1.
    init(seed: UInt64, _ variant: Variant = .standard) {
        var random = RandomStream(seed: seed, purpose: .initialization)
        let (words, width) = (Stories.vocabulary.count, Self.width)
        func matrix(_ columns: Int) -> Tensor {
            .parameter(normal: [width, columns], deviation: 1 / Float(width).squareRoot(), &random)
        }
        self.variant = variant
        embedding = .parameter(normal: [words, width], &random)
        (wq, wk, wv, output) = (matrix(width), matrix(width), matrix(width), matrix(words))
    }

    /// A head after 200 steps.
    static func trained(seed: UInt64, _ variant: Variant = .standard) -> AttentionHead {
        let head = AttentionHead(seed: seed, variant)
        let parameters = [head.embedding, head.wq, head.wk, head.wv, head.output]
        let optimizer = AdamW(parameters, AdamW.Settings(weightDecay: 0.1))
        onOneThread {
            for _ in 1...200 { optimizer.update(head.loss().gradients(), learningRate: 0.02) }
        }
        return head
    }

    /// What each word (down) may not look at (across).
    func mask(hidingFuture: Bool) -> [Bool] {
        (0..<Stories.length * Stories.length).map { cell in
            let (row, column) = cell.quotientAndRemainder(dividingBy: Stories.length)
            switch variant {
            case .unmasked: return hidingFuture && column > row
            case .otherTriangle: return column < row || hidingFuture && column > row
            default: return column > row
            }
        }
    }

    private static let inputs = Stories.tokens(Stories.seen.flatMap { $0.dropLast() })
    private static let targets = Stories.tokens(Stories.seen.flatMap { $0.dropFirst() })

    /// The mean cross-entropy of the sentences to train on.
    func loss(hidingFuture: Bool = false) -> Tensor {
        self(Self.inputs, hidingFuture: hidingFuture).logits.crossEntropy(Self.targets)
    }

    /// The share of unseen sentences in which the likeliest word after "it" is the right one, with later words hidden.
    func right() -> Float {
        let sentences = Stories.unseen.map { Stories.tokens($0) }
        let logits = self(sentences.flatMap { $0.dropLast() }, hidingFuture: true).logits
            .sliced(Stories.it..<Stories.it + 1, axis: 1).values
        let words = logits.count / sentences.count
        let right = sentences.enumerated().filter { number, sentence in
            let row = logits[number * words..<(number + 1) * words]
            return row[row.startIndex + Int(sentence[Stories.it + 1])] == row.max()
        }
        return Float(right.count) / Float(sentences.count)
    }
}
