import Autograd
import Foundation
import Layers

/// What a model loses without a head (Michel et al. 2019): the change of its loss when what the head has gathered is replaced.
public struct HeadWorth: Equatable, Sendable {
    /// By how much the loss rises, in nats per character; below 0 the head does harm.
    public let change: Double
    /// The standard error of that, from how it differs between windows of the text.
    public let standardError: Double

    /// The mean and its standard error of how much the loss of each window changes.
    init(_ changes: [Double]) {
        let count = Double(changes.count)
        let mean = changes.reduce(0, +) / count
        let squares = changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        change = mean
        standardError = count > 1 ? (squares / (count - 1) / count).squareRoot() : .nan
    }
}

/// Runs a model with single heads replaced. Letters: W windows of the text, T characters in each.
struct HeadRemoval {
    private let model: GPT
    private let inputs: [Int32], targets: [Int32]
    private let count: Int
    /// What enters each block. Shape: (W, T, C)
    private let entries: [Tensor]
    /// What the heads of each block have gathered. Shape: (W, T, C)
    let gathered: [Tensor]
    /// The loss of each window with all heads, in nats per character.
    let losses: [Double]

    /// Runs the whole model on windows of equal length.
    ///
    /// - Throws: Nothing for a model that could be made.
    init(_ model: GPT, inputs: [Int32], targets: [Int32], windows: Int) throws {
        self.model = try model.frozen
        (self.inputs, self.targets, count) = (inputs, targets, windows)
        var (entries, gathered): ([Tensor], [Tensor]) = ([], [])
        var h = self.model.embed(inputs, batch: windows)
        for block in self.model.blocks {
            entries.append(h)
            h = block(
                h, .inference,
                intervene: { heads in
                    gathered.append(heads)
                    return heads
                })
        }
        (self.entries, self.gathered) = (entries, gathered)
        losses = Self.losses(self.model.logits(h), targets, windows)
    }

    /// The loss of each window when what a head has gathered is replaced by the same values everywhere.
    ///
    /// - Parameters:
    ///   - layer: The head's layer.
    ///   - head: The head.
    ///   - replacement: One value for each of its channels.
    /// - Returns: Nats per character.
    func losses(without layer: Int, _ head: Int, replacement: [Float]) -> [Double] {
        let width = model.configuration.width
        let channels = head * replacement.count..<(head + 1) * replacement.count
        let keep = Tensor((0..<width).map { channels.contains($0) ? 0 : 1 }, shape: [width])
        let put = Tensor(
            (0..<width).map { channels.contains($0) ? replacement[$0 - channels.lowerBound] : 0 }, shape: [width])
        var h = model.blocks[layer](entries[layer], .inference, intervene: { $0 * keep + put })
        for block in model.blocks[(layer + 1)...] { h = block(h, .inference) }
        return Self.losses(model.logits(h), targets, count)
    }

    /// The sum over all characters of what the heads of a layer have gathered. Shape: (C)
    func sum(layer: Int) -> [Double] {
        let width = model.configuration.width
        var sums = [Double](repeating: 0, count: width)
        for (index, value) in gathered[layer].values.enumerated() { sums[index % width] += Double(value) }
        return sums
    }

    private static func losses(_ logits: Tensor, _ targets: [Int32], _ windows: Int) -> [Double] {
        let values = logits.crossEntropies(targets).values
        let time = targets.count / windows
        return (0..<windows).map { window in
            values[window * time..<(window + 1) * time].reduce(0) { $0 + Double($1) } / Double(time)
        }
    }
}
