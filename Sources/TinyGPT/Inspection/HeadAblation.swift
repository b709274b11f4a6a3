import Autograd
import Layers

/// Head ablation: a model's loss without each of its heads in turn, layer after layer.
///
/// The residual stream before a layer is the same whichever of its heads is ablated, so it is computed once.
struct HeadAblation {
    /// The loss of every window with all heads, in nats per character.
    let losses: [Double]
    private let model: GPT
    private let batches: [Windows.Batch]
    /// The residual stream before the next layer, for each batch. Shape: (rows, length, C)
    private var states: [Tensor]
    private var layer = 0

    /// An ablation that begins with the first layer of a frozen model.
    init(from model: GPT, on batches: [Windows.Batch]) {
        self.model = model
        self.batches = batches
        states = batches.map { model.embed($0.inputs, batch: $0.rows) }
        losses = Self.losses(of: model, from: 0, states, batches)
    }

    /// Ablates each head of the next layer in turn.
    ///
    /// - Parameter progress: Called after each ablation, twice for every head.
    /// - Returns: The importance of each head.
    mutating func nextLayer(progress: () -> Void) -> [HeadImportance] {
        let block = model.blocks[layer]
        let outputs = states.map { block.attention.headOutputs(block.norm1($0), .inference) }
        let means = Self.means(outputs)
        let (before, following) = (states, layer + 1)

        func change(channels: Range<Int>, to replacement: [Float]) -> HeadImportance.Change {
            let others = Tensor(means.indices.map { channels.contains($0) ? 0 : 1 }, shape: [means.count])
            let constant = Tensor(
                replacement.indices.map { channels.contains($0) ? replacement[$0] : 0 }, shape: others.shape)
            let after = zip(before, outputs).map { block($0, .inference, headOutputs: $1 * others + constant) }
            let without = Self.losses(of: model, from: following, after, batches)
            progress()
            return HeadImportance.Change(differences: zip(without, losses).map { $0 - $1 })
        }

        let width = means.count / block.attention.heads
        let importances = (0..<block.attention.heads).map { head in
            let channels = head * width..<(head + 1) * width
            return HeadImportance(
                zeroed: change(channels: channels, to: means.map { _ in 0 }),
                averaged: change(channels: channels, to: means))
        }
        states = zip(before, outputs).map { block($0, .inference, headOutputs: $1) }
        layer = following
        return importances
    }

    /// The mean of every channel. Shape: (rows, length, C) for each batch -> (C)
    private static func means(_ outputs: [Tensor]) -> [Float] {
        let width = outputs[0].shape[-1]
        var sums = [Double](repeating: 0, count: width)
        for values in outputs.map(\.values) {
            for start in stride(from: 0, to: values.count, by: width) {
                for channel in 0..<width { sums[channel] += Double(values[start + channel]) }
            }
        }
        let rows = outputs.reduce(0) { $0 + $1.shape.count / width }
        return sums.map { Float($0 / Double(rows)) }
    }

    /// The loss of every window, given the residual stream before a layer.
    private static func losses(
        of model: GPT, from layer: Int, _ states: [Tensor], _ batches: [Windows.Batch]
    ) -> [Double] {
        zip(states, batches).flatMap { state, batch in
            let h = model.residualStream(state, from: layer, .inference)
            let losses = model.logits(h).crossEntropies(batch.targets).values
            return (0..<batch.rows).map { row in
                losses[row * batch.length..<(row + 1) * batch.length].reduce(0) { $0 + Double($1) }
                    / Double(batch.length)
            }
        }
    }
}

/// The importance of a head: the rise of the loss when the head is ablated (Michel, Levy and Neubig 2019, "Are Sixteen Heads
/// Really Better than One?", section 3; Voita et al. 2019).
public struct HeadImportance: Equatable, Sendable {
    /// A mean over windows of text.
    public struct Change: Equatable, Sendable {
        /// The rise of the loss in nats per character; negative if the model is better off.
        public let value: Double
        /// The standard error of the value over windows; NaN for fewer than two windows.
        public let standardError: Double

        /// The mean of paired differences, with and without the head, so that the difficulty of a window cancels.
        init(differences: [Double]) {
            let count = Double(differences.count)
            let mean = differences.reduce(0, +) / count
            let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            value = mean
            standardError = count > 1 ? (squares / (count - 1) / count).squareRoot() : .nan
        }
    }

    /// Zero ablation: the head's output is replaced by zero.
    public let zeroed: Change
    /// Mean ablation: the head's output is replaced by its mean over all positions of the same windows. Later layers lose what
    /// depends on the text, but not a constant that they rely on.
    public let averaged: Change
}
