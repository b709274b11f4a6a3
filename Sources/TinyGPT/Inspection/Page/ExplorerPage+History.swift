import Foundation

/// What a page shows of a training: a slider over its validations.
extension ExplorerPage {
    /// The most weights of a model of whose earlier steps a page holds the weights: in 16 bits the first and the best of them
    /// take 20 MB.
    public static let mostParametersOfHistory = 3_750_000

    /// Adds the attention on this text through the training, with a slider.
    ///
    /// - Parameters:
    ///   - snapshots: From the run's probe, on the same text.
    ///   - step: The step of this page's model, shown last.
    ///   - path: The file of the snapshots, for the error.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when a snapshot is not one of this text and model.
    /// - Precondition: The page is of a recording.
    public mutating func add(_ snapshots: [AttentionSnapshot], upTo step: Int, from path: String) throws {
        guard let recording = data.recording else { preconditionFailure("snapshots for a page without a recording") }
        let count = recording.layers * recording.heads * recording.tokens.count * (recording.tokens.count + 1) / 2
        if let other = snapshots.first(where: { $0.maps.count != count }) {
            throw TinyGPTError.badFile(
                path, problem: "has \(other.maps.count) weights at step \(other.step), expected \(count) for its text")
        }
        let earlier = snapshots.filter { $0.step < step }
        let loss = snapshots.last { $0.step == step }?.loss
        let losses = earlier.map { Optional($0.loss) } + [loss]
        // No code of a weight is shorter than a bit.
        var most = max(3, min(losses.count, Thinning.mostBytes / (count / 6 + 1)))
        while true {
            let kept = Thinning.places(losses, most: most).dropLast().map { earlier[$0] }
            let history = try recording.history(kept, before: quantized, path)
            let bytes = history.reduce(0) { $0 + ($1.maps?.bits.utf8.count ?? 0) }
            if bytes <= Thinning.mostBytes || most == 3 {
                data.recording?.history =
                    history + [
                        PageRecording.Snapshot(step: step, loss: loss, maps: nil, surprise: nil, next: nil, lens: nil)
                    ]
                break
            }
            most = max(3, min(most - 1, most * Thinning.mostBytes / bytes))
        }
        data.validations = losses.count
    }

    /// Adds the model at earlier validations of its training, which a slider chooses from.
    ///
    /// - Parameters:
    ///   - validations: Step and loss of the validations whose weights are there, in ascending order and before `step`.
    ///   - count: How many validations there were, with that of this page's model and those without weights.
    ///   - step: The step of this page's model, shown last.
    ///   - loss: Its validation loss; nil where it was not measured.
    ///   - vocabulary: That of the page's model.
    ///   - model: Reads the model of a step; nil where that cannot be read, which leaves it out.
    /// - Precondition: The page holds a model of at most ``mostParametersOfHistory``.
    public mutating func add(
        _ validations: [(step: Int, loss: Double)], of count: Int, upTo step: Int, loss: Double?,
        vocabulary: Vocabulary,
        model: (_ step: Int) -> GPT?
    ) {
        precondition(data.facts.parameters <= Self.mostParametersOfHistory, "\(data.facts.parameters) weights")
        let losses = validations.map { Optional($0.loss) } + [loss]
        // Of three bytes base64 makes four; beside the earlier ones there is the page's own model.
        let most = 1 + Thinning.mostBytes / ((2 * data.facts.parameters + 2) / 3 * 4)
        var history = Thinning.places(losses, most: most).dropLast().compactMap { place -> PageData.Moment? in
            let (step, loss) = validations[place]
            return model(step).map { model in
                let held = PageModel(model, vocabulary: vocabulary, precision: .f16)
                return PageData.Moment(
                    step: step, loss: loss, weights: held.weights, precision: held.description.precision)
            }
        }
        history.append(PageData.Moment(step: step, loss: loss, weights: nil, precision: nil))
        (data.history, data.validations) = (history, count)
    }
}

extension PageRecording {
    /// Some snapshots of a training before that of this recording.
    ///
    /// - Parameters:
    ///   - snapshots: The snapshots.
    ///   - last: The weights of this recording.
    ///   - path: The file of the snapshots, for the error.
    /// - Returns: The snapshots as the page has them.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when predictions are not those of this text and model.
    fileprivate func history(
        _ snapshots: [AttentionSnapshot], before last: [UInt8], _ path: String
    ) throws -> [Snapshot] {
        let maps = snapshots.map { [UInt8]($0.maps) } + [last]
        return try snapshots.enumerated().map { place, snapshot in
            let predictions = try snapshot.predictions.map { bytes in
                guard
                    let predictions = Predictions(
                        bytes: bytes, characters: tokens.count, layers: layers, vocabulary: vocabulary.count)
                else {
                    throw TinyGPTError.badFile(
                        path, problem: "has predictions at step \(snapshot.step) that are not those of its text")
                }
                return predictions
            }
            return Snapshot(
                step: snapshot.step, loss: snapshot.loss,
                maps: HuffmanCode(zip(maps[place], maps[place + 1]).map { $0 &- $1 }),
                surprise: predictions?.surprise, next: predictions?.next, lens: predictions?.lens)
        }
    }
}
