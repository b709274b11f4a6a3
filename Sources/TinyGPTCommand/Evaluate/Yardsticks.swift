import Console
import Foundation
import TinyGPT

/// What a loss on a text is compared with: n-gram models counted on the training text, and the model's own loss there.
struct Yardsticks {
    /// The losses of models of 1 to 6 characters, in nats per character; that of 1 guesses by frequency.
    let nGrams: [Double]
    /// The model's loss at the end of its training text, on as many characters as were measured.
    let training: Evaluation

    /// nil where the training text or the memory to count it is not there.
    ///
    /// - Parameters:
    ///   - stored: The model.
    ///   - measured: The text it was measured on.
    ///   - stride: As it was measured.
    ///   - arguments: The command's.
    /// - Throws: An error for a model that has diverged.
    init?(_ stored: StoredModel, _ measured: MeasuredText, stride: Int?, _ arguments: ParsedArguments) throws {
        let own = { try? MeasuredText([], split: .train, for: stored, hint: nil, arguments).training }
        guard let text = measured.training ?? own(),
            (try? SystemMemory.require(NGramModels.memory(characters: text.count), for: "n-grams")) != nil
        else { return nil }
        var progress = TimeLeft(arguments)
        progress.update("counting n-grams of \(min(text.count, NGramModels.characterLimit)) characters")
        nGrams = NGramModels(text, vocabulary: stored.checkpoint.vocabulary.count).losses(on: measured.tokens)
        progress.finish()
        // Of lines, all: a part would begin within one.
        let count = stored.lineBreak == nil ? min(text.count, measured.tokens.count) : text.count
        training = try stored.evaluate(on: text.part(text.count - count..<text.count), stride: stride, arguments)
    }

    /// Lines below the model's own.
    var text: String {
        let losses = nGrams.dropFirst().map { String(format: "%.3f", $0) }.joined(separator: "  ")
        return String(
            format: """

                for comparison, in nats per character
                guessing by frequency    %.3f
                models of 2 to 6 letters \(losses)
                training text            %.3f, this model's on its last %d characters

                """, nGrams[0], training.loss, training.characters)
    }

    /// For `--json`.
    var json: JSONValue {
        .object([
            "frequency": .number(nGrams[0]), "n_grams": .array(nGrams.dropFirst().map { .number($0) }),
            "training_loss": .number(training.loss),
        ])
    }
}
