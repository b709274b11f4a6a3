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
        losses = zip(states, batches).flatMap { model.windowLosses($0, from: 0, $1) }
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

        func change(channels: Range<Int>, to replacement: [Float]) -> LossChange {
            let others = Tensor(means.indices.map { channels.contains($0) ? 0 : 1 }, shape: [means.count])
            let constant = Tensor(
                replacement.indices.map { channels.contains($0) ? replacement[$0] : 0 }, shape: others.shape)
            let after = zip(before, outputs).map { block($0, .inference, headOutputs: $1 * others + constant) }
            let without = zip(after, batches).flatMap { model.windowLosses($0, from: following, $1) }
            progress()
            return LossChange(differences: zip(without, losses).map { $0 - $1 })
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
}

/// The importance of a head: the rise of the loss when the head is ablated (Michel, Levy and Neubig 2019, "Are Sixteen Heads
/// Really Better than One?", section 3; Voita et al. 2019).
public struct HeadImportance: Equatable, Sendable {
    /// Zero ablation: the head's output is replaced by zero.
    public let zeroed: LossChange
    /// Mean ablation: the head's output is replaced by its mean over all positions of the same windows. Later layers lose what
    /// depends on the text, but not a constant that they rely on.
    public let averaged: LossChange
}
