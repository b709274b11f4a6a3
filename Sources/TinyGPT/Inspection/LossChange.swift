import Autograd
import Layers

/// The rise of a model's loss when a part of it is ablated: a mean over windows of text.
public struct LossChange: Equatable, Sendable {
    /// The rise of the loss in nats per character; negative if the model is better off.
    public let value: Double
    /// The standard error of the value over windows; NaN for fewer than two windows.
    public let standardError: Double

    /// The mean of paired differences, with and without the part, so that the difficulty of a window cancels.
    init(differences: [Double]) {
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        value = mean
        standardError = count > 1 ? (squares / (count - 1) / count).squareRoot() : .nan
    }
}

extension GPT {
    /// The loss of every window of a batch in nats per character, given the residual stream before a layer.
    func windowLosses(_ state: Tensor, from layer: Int, _ batch: Windows.Batch) -> [Double] {
        let losses = logits(residualStream(state, from: layer, .inference)).crossEntropies(batch.targets).values
        return (0..<batch.rows).map { row in
            losses[row * batch.length..<(row + 1) * batch.length].reduce(0) { $0 + Double($1) } / Double(batch.length)
        }
    }
}
