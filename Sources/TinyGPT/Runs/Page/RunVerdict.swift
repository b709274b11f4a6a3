import Foundation

/// Whether a training goes well, in plain words for someone who has never trained anything; from its losses alone.
struct RunVerdict: Encodable, Equatable {
    /// What a color says of it.
    enum Tone: String, Encodable {
        case early, good, mixed, bad
    }

    let tone: Tone
    /// One short sentence.
    let title: String
    /// What it means, and what helps.
    let explanation: [String]
}

/// What a verdict is about.
struct TrainingCourse {
    /// The loss on the validation text after a step, in nats per character.
    struct Validation {
        let step: Int
        let loss: Double
    }

    var state: RunPage.State
    /// Updates made, and those that were planned.
    var step: Int
    var steps: Int
    /// Not all, perhaps, but the best and the last.
    var validations: [Validation]
    /// The training loss after a step.
    var training: [Validation]
    /// Of guessing by frequency, of pairs, of three characters and so on; empty where they were not counted.
    var yardsticks: [Double]
    /// V, the different characters.
    var vocabulary: Int

    /// The training loss at the best validation and at the last; nil where one is not known.
    var trainingChange: (before: Double, after: Double)? {
        guard let last = validations.last, let best, let before = trainingLoss(at: best.step),
            let after = trainingLoss(at: last.step)
        else { return nil }
        return (before, after)
    }

    private var best: Validation? { validations.filter(\.loss.isFinite).min { $0.loss < $1.loss } }
}

extension TrainingCourse {
    var verdict: RunVerdict {
        if case .diverged(let step) = state { return diverged(at: step) }
        guard let first = validations.first, let last = validations.last, let best else {
            return withoutValidation()
        }
        if step == 0 { return untrained(first) }
        if best.loss > first.loss - Evaluation.noise { return learnedNothing(first, last) }
        if last.loss > best.loss + Evaluation.noise { return rising(since: best, to: last) }
        return falling(from: first, to: last)
    }

    private func diverged(at step: Int) -> RunVerdict {
        let kept = best.map { " The best model, of step \($0.step), is kept." } ?? ""
        return RunVerdict(
            tone: .bad, title: "The training diverged at step \(step)",
            explanation: [
                "The loss grew until it was no longer a number: the updates were too large.\(kept)",
                "A lower learning rate or a longer warm-up helps.",
            ])
    }

    /// All of the text is trained on.
    private func withoutValidation() -> RunVerdict {
        guard let first = training.first, let loss = trainingLoss(at: step), step > 0 else {
            return RunVerdict(tone: .early, title: "Nothing has been measured yet", explanation: [])
        }
        let falls = loss < first.loss - Evaluation.noise
        let change = "The loss on the text it is trained on went from \(Self.text(first.loss)) to \(Self.text(loss))."
        let title = state == .running ? "The loss is falling" : "The loss fell"
        return RunVerdict(
            tone: falls ? .good : .bad, title: falls ? title : "The model learns nothing",
            explanation: [
                "\(change) Nothing was held out to validate on, so this cannot tell learning from learning by heart; the samples below can."
            ])
    }

    private func untrained(_ first: Validation) -> RunVerdict {
        let title = state == .running ? "The training has just begun" : "The model is untrained"
        return RunVerdict(
            tone: .early, title: title,
            explanation: [
                "Before the first step the model guesses blindly among \(vocabulary) characters: its loss is \(Self.text(first.loss)), and its text is noise. Training makes the loss fall."
            ])
    }

    private func learnedNothing(_ first: Validation, _ last: Validation) -> RunVerdict {
        if state == .running, step < steps / 10 {
            return RunVerdict(
                tone: .early, title: "It is too early to tell",
                explanation: ["The loss has not fallen yet; at the beginning that can take a while."])
        }
        return RunVerdict(
            tone: .bad, title: "The model learns nothing",
            explanation: [
                "After \(last.step) steps the loss is \(Self.text(last.loss)); before the first it was \(Self.text(first.loss)). The learning rate may be much too high or too low.",
                standing(first),
            ])
    }

    /// The validation loss was lower before.
    private func rising(since best: Validation, to last: Validation) -> RunVerdict {
        let change = "from \(Self.text(best.loss)) to \(Self.text(last.loss))"
        let kept = "The best model, of step \(best.step), is kept, and it is the one that is sampled from."
        guard let (before, after) = trainingChange, after < before else {
            return RunVerdict(
                tone: .mixed, title: "The loss has risen since step \(best.step)",
                explanation: [
                    "The validation loss rose \(change), and the training loss did not fall either: the updates may be too large. \(kept) A lower learning rate helps.",
                    standing(best),
                ])
        }
        return RunVerdict(
            tone: .mixed, title: "It began to overfit at step \(best.step)",
            explanation: [
                "Since then the loss on the validation text has risen \(change), while that on the training text went on falling, from \(Self.text(before)) to \(Self.text(after)): the model learns its text by heart, which does not help with any other. \(kept)",
                "More text or more dropout helps; a shorter training loses nothing.",
                standing(best),
            ])
    }

    private func falling(from first: Validation, to last: Validation) -> RunVerdict {
        let earlier = validations.last { $0.step <= last.step * 3 / 4 } ?? first
        let fall = earlier.loss - last.loss
        let isFalling = fall > Evaluation.noise
        let recently = "In the last \(last.step - earlier.step) steps the loss fell by \(Self.text(max(0, fall)))"
        let whole =
            "The loss on text that the model has never seen fell from \(Self.text(first.loss)) to \(Self.text(last.loss))."
        let isPoor = yardsticks.count > 1 && last.loss > yardsticks[1]
        let (tone, title, outlook): (RunVerdict.Tone, String, String) =
            switch (state, isFalling) {
            case (.running, true): (.good, "It is going well: the loss is falling", "\(recently).")
            case (.running, false):
                (
                    .mixed, "The loss has almost stopped falling",
                    "\(recently); it may fall again with the learning rate."
                )
            case (.finished, true):
                (
                    isPoor ? .mixed : .good, isPoor ? "It learned only a little" : "It went well",
                    "\(recently)\(outlook(at: last))"
                )
            case (.finished, false) where isPoor:
                (.mixed, "It learned only a little", "A higher learning rate or a larger model may help.")
            case (.finished, false):
                (
                    .good, "It went well",
                    """
                    It had almost stopped falling by the end: more of the same steps would change little, but a larger model \
                    or more text may.
                    """
                )
            default: (.good, "It was going well when it ended", "\(recently).")
            }
        return RunVerdict(tone: tone, title: title, explanation: ["\(whole) \(outlook)", standing(last)])
    }

    /// The end of the sentence on a loss that was still falling: what would lower it. A model that knows its own text much
    /// better than any other would learn that by heart in more steps.
    private func outlook(at last: Validation) -> String {
        guard let training = trainingLoss(at: last.step), training < last.loss - 0.2 else {
            return ": more steps would help."
        }
        let already = "on its own training text it is \(Self.text(training)) already"
        return "; \(already), so more text or more dropout would help more than more steps."
    }

    /// What a loss means, beside those of the yardsticks.
    private func standing(_ validation: Validation) -> String {
        let loss = validation.loss
        let meaning =
            "A loss of \(Self.text(loss)) means that at each character it hesitates as if between \(String(format: "%.1f", exp(loss))) equally likely ones, of \(vocabulary)."
        guard let frequency = yardsticks.first else { return meaning }
        func table(_ order: Int) -> String {
            let characters = order == 2 ? "each character" : "every \(order - 1) characters"
            return "a table of what comes after \(characters) (\(Self.text(yardsticks[order - 1])))"
        }
        let beaten = yardsticks.prefix { loss < $0 }.count
        let comparison =
            switch (beaten, yardsticks.count) {
            case (0, _): "no better than always guessing by how frequent a character is (\(Self.text(frequency)))."
            case (1, 1): "better than guessing by how frequent a character is (\(Self.text(frequency)))."
            case (1, _):
                "better than guessing by how frequent a character is (\(Self.text(frequency))), but not yet than \(table(2))."
            case (yardsticks.count, _): "better than \(table(beaten)), and than all smaller ones."
            default: "better than \(table(beaten)), but not yet than \(table(beaten + 1))."
            }
        return "\(meaning) That is \(comparison)"
    }

    /// The training loss around a step.
    private func trainingLoss(at step: Int) -> Double? {
        let width = max(1, self.step / 20)
        let near = training.filter { abs($0.step - step) <= width && $0.loss.isFinite }.map(\.loss)
        return near.isEmpty ? nil : near.reduce(0, +) / Double(near.count)
    }

    private static func text(_ loss: Double) -> String { String(format: "%.2f", loss) }
}
