import Foundation
import Testing

@testable import TinyGPT

@Suite("n-gram models")
struct NGramModelsTests {
    /// A text in which some n-grams are frequent and some are not.
    static func text(_ count: Int, vocabulary: Int, seed: UInt64) -> [Int32] {
        var state = seed
        var text: [Int32] = []
        for place in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let random = Int(state >> 33)
            let again = place > 7 && random % 4 != 0 ? text[place - 3 - random % 5] : Int32(random / 8 % vocabulary)
            text.append(again)
        }
        return text
    }

    /// Modified Kneser-Ney by its definition, from all n-grams of a text.
    struct Definition {
        let vocabulary: Int
        /// By their length less 1: the n-grams of the text with the number of times they occur, and of different characters that
        /// stand before them.
        private let occurrences: [[[Int32]: Int]]
        private let predecessors: [[[Int32]: Int]]

        init(text: [Int32], vocabulary: Int) {
            self.vocabulary = vocabulary
            occurrences = (1...NGramModels.order + 1).map { length in
                (0...(text.count - length)).reduce(into: [:]) { $0[Array(text[$1..<$1 + length]), default: 0] += 1 }
            }
            predecessors = occurrences.dropFirst().map { longer in
                longer.keys.reduce(into: [:]) { $0[Array($1.dropFirst()), default: 0] += 1 }
            }
        }

        func probability(of character: Int32, after context: [Int32], isWhole: Bool = true) -> Double {
            let counts = (isWhole ? occurrences : predecessors)[context.count]
            let lower =
                context.isEmpty
                ? 1 / Double(vocabulary)
                : probability(of: character, after: Array(context.dropFirst()), isWhole: false)
            let continued = counts.filter { $0.key.dropLast() == context[...] }
            let total = Double(continued.values.reduce(0, +))
            guard total > 0 else { return lower }
            func number(_ count: Int) -> Double { Double(counts.values.count { $0 == count }) }
            let y = number(1) / (number(1) + 2 * number(2))
            var discounts = (1...3).map { Double($0) - Double($0 + 1) * y * number($0 + 1) / number($0) }
            if !zip(discounts, [1.0, 2, 3]).allSatisfy({ $0 > 0 && $0 <= $1 }) { discounts = [0.5, 1, 1.5] }
            let freed = continued.values.reduce(0.0) { $0 + discounts[min($1, 3) - 1] }
            let count = counts[context + [character]] ?? 0
            return ((count > 0 ? Double(count) - discounts[min(count, 3) - 1] : 0) + freed * lower) / total
        }

        func loss(order: Int, on text: [Int32]) -> Double {
            let losses = text.indices.dropFirst().map { place in
                var context = Array(text[max(0, place - order + 1)..<place])
                // A context that never occurred tells nothing; the model of one character less speaks for it.
                while !context.isEmpty,
                    occurrences[context.count].keys.allSatisfy({ $0.dropLast() != context[...] })
                {
                    context.removeFirst()
                }
                return -log(probability(of: text[place], after: context, isWhole: context.count == order - 1))
            }
            return losses.reduce(0, +) / Double(losses.count)
        }
    }

    @Test("The losses are those of the definition of modified Kneser-Ney smoothing", arguments: [UInt64(1), 2, 3])
    func definition(seed: UInt64) {
        let (text, other) = (Self.text(300, vocabulary: 6, seed: seed), Self.text(40, vocabulary: 7, seed: seed + 9))
        let losses = NGramModels(TokenArray(text), vocabulary: 7).losses(on: TokenArray(other))
        let definition = Definition(text: text, vocabulary: 7)
        for order in 2...NGramModels.order {
            let expected = definition.loss(order: order, on: other)
            #expect(abs(losses[order - 1] - expected) < 1e-12, "order \(order): \(losses[order - 1]), not \(expected)")
        }
    }

    @Test("The model of single characters guesses by frequency")
    func frequency() {
        let losses = NGramModels([0, 0, 0, 1], vocabulary: 3).losses(on: [2, 0, 1, 2])
        let expected = -(log(4.0 / 7) + log(2.0 / 7) + log(1.0 / 7)) / 3
        #expect(abs(losses[0] - expected) < 1e-12)
    }

    @Test("The probabilities of all characters have the sum 1 in every context")
    func sum() {
        let text = Self.text(400, vocabulary: 5, seed: 4)
        let models = NGramModels(TokenArray(text), vocabulary: 6)
        for context in [[], [3], [1, 2], [0, 4, 5], [5, 5, 5, 5], Array(text[20..<25])] as [[Int32]] {
            // The loss of a text of the context and one character, less that of the context, is the character's own.
            for order in 2...NGramModels.order {
                func total(_ tokens: [Int32]) -> Double {
                    tokens.count < 2 ? 0 : models.losses(on: TokenArray(tokens))[order - 1] * Double(tokens.count - 1)
                }
                let begin = [0] + context
                let sum = (0..<6).reduce(0.0) { $0 + exp(total(begin) - total(begin + [Int32($1)])) }
                #expect(abs(sum - 1) < 1e-9)
            }
        }
    }
}
