import Autograd
import Layers

/// The model without one of its heads, layer after layer.
///
/// What comes before a layer is the same whichever of its heads is missing, so it is computed once.
struct HeadRemoval {
    /// The loss of every window with all heads, in nats per character.
    let losses: [Double]
    private let model: GPT
    private let batches: [Windows.Batch]
    /// What arrives at the next layer, for each batch. Shape: (rows, length, C)
    private var states: [Tensor]
    private var layer = 0

    /// Prepares to remove the heads of the first layer of a frozen model.
    init(from model: GPT, on batches: [Windows.Batch]) {
        self.model = model
        self.batches = batches
        states = batches.map { model.embed($0.inputs, batch: $0.rows) }
        losses = Self.losses(of: model, from: 0, states, batches)
    }

    /// Removes each head of the next layer in turn.
    ///
    /// - Parameter progress: Called after each removal, twice for every head.
    /// - Returns: What the heads are worth.
    mutating func nextLayer(progress: () -> Void) -> [HeadWorth] {
        let block = model.blocks[layer]
        let gathered = states.map { block.attention.headOutputs(block.norm1($0), .inference) }
        let means = Self.means(gathered)
        let (before, following) = (states, layer + 1)

        func change(channels: Range<Int>, to replacement: [Float]) -> HeadWorth.Change {
            let others = Tensor(means.indices.map { channels.contains($0) ? 0 : 1 }, shape: [means.count])
            let constant = Tensor(
                replacement.indices.map { channels.contains($0) ? replacement[$0] : 0 }, shape: others.shape)
            let after = zip(before, gathered).map { block($0, headOutputs: $1 * others + constant) }
            let without = Self.losses(of: model, from: following, after, batches)
            progress()
            return HeadWorth.Change(differences: zip(without, losses).map { $0 - $1 })
        }

        let width = means.count / block.attention.heads
        let worths = (0..<block.attention.heads).map { head in
            let channels = head * width..<(head + 1) * width
            return HeadWorth(
                zeroed: change(channels: channels, to: means.map { _ in 0 }),
                averaged: change(channels: channels, to: means))
        }
        states = zip(before, gathered).map { block($0, headOutputs: $1) }
        layer = following
        return worths
    }

    /// The mean of every channel. Shape: (rows, length, C) for each batch -> (C)
    private static func means(_ gathered: [Tensor]) -> [Float] {
        let width = gathered[0].shape[-1]
        var sums = [Double](repeating: 0, count: width)
        for values in gathered.map(\.values) {
            for start in stride(from: 0, to: values.count, by: width) {
                for channel in 0..<width { sums[channel] += Double(values[start + channel]) }
            }
        }
        let rows = gathered.reduce(0) { $0 + $1.shape.count / width }
        return sums.map { Float($0 / Double(rows)) }
    }

    /// The loss of every window, given what arrives at a layer.
    private static func losses(
        of model: GPT, from layer: Int, _ states: [Tensor], _ batches: [Windows.Batch]
    ) -> [Double] {
        zip(states, batches).flatMap { state, batch in
            var h = state
            for block in model.blocks[layer...] { h = block(h, .inference) }
            let losses = model.logits(h).crossEntropies(batch.targets).values
            return (0..<batch.rows).map { row in
                losses[row * batch.length..<(row + 1) * batch.length].reduce(0) { $0 + Double($1) }
                    / Double(batch.length)
            }
        }
    }
}
