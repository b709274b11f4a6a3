import Foundation
import Testing

@testable import TinyGPT

@Suite("The loss on a text")
struct EvaluationTests: TinyTraining {
    @Test("The loss is that of predicting one character at a time from its window", arguments: ModelKind.eachAndTables)
    func definition(kind: ModelKind) throws {
        let context = 5
        let model = try ModelKind.strongModel(kind.configuration(context: context), seed: 3)
        let text = (0..<33).map { Int32($0 * $0 % 7) }
        for count in [2, 5, 6, 7, 16, 33] {
            let tokens = Array(text.prefix(count))
            for stride in 1...context {
                var sum = 0.0
                for target in 1..<count {
                    // The first window that reaches it.
                    let first = max(0, (target - context + stride - 1) / stride) * stride
                    let logits = model(Array(tokens[first..<target]), batch: 1, .inference).values.suffix(7).map(
                        Double.init)
                    sum += log(logits.reduce(0) { $0 + exp($1) }) - logits[Int(tokens[target])]
                }
                let evaluation = try Evaluation(of: model, on: TokenArray(tokens), stride: stride)
                #expect(evaluation.characters == count - 1)
                #expect(abs(evaluation.loss - sum / Double(count - 1)) < 1e-5, "\(count) characters, stride \(stride)")
            }
            let whole = try Evaluation(of: model, on: TokenArray(tokens))
            #expect(try whole == Evaluation(of: model, on: TokenArray(tokens), stride: context))
        }
    }

    @Test("Progress ends with the whole text, whatever the stride", arguments: [1, 3, 5])
    func progress(stride: Int) throws {
        let model = try GPT(ModelKind.classic.configuration(), seed: 1)
        var fractions: [Double] = []
        _ = try Evaluation(of: model, on: TokenArray((0..<5000).map { Int32($0 % 7) }), stride: stride) {
            fractions.append($0)
        }
        #expect(fractions.count > 1 && fractions == fractions.sorted() && fractions.last == 1)
    }

    @Test("A text of fewer than two characters cannot be measured", arguments: [0, 1])
    func shortEvaluation(count: Int) throws {
        let model = try Self.trainer(Self.settings(steps: 1)).model
        #expect(throws: TinyGPTError.tooShortToMeasure(characters: count)) {
            _ = try Evaluation(of: model, on: TokenArray([Int32](repeating: 1, count: count)))
        }
    }
}
