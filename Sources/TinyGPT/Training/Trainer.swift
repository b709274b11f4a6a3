import Autograd
import Layers

/// Makes a model better, a step at a time. It knows nothing of files or terminals.
public struct Trainer {
    /// The model that learns.
    public let model: GPT
    /// What decides how.
    public let settings: TrainingSettings
    package internal(set) var optimizer: AdamW
    private let batches: BatchSampler

    /// What a step did.
    public struct Report: Equatable, Sendable {
        /// Which step it was, counting from 1.
        public let step: Int
        /// The mean cross-entropy before the update, in nats per character.
        public let loss: Double
        /// The size of the update.
        public let learningRate: Double
        /// The norm of all gradients before clipping.
        public let gradientNorm: Double
    }

    /// Creates a trainer.
    ///
    /// - Parameters:
    ///   - model: The model that learns.
    ///   - tokens: The text it learns from, longer than its context.
    ///   - settings: What decides how.
    public init(_ model: GPT, tokens: [Int32], _ settings: TrainingSettings) {
        self.model = model
        self.settings = settings
        optimizer = AdamW(model.parameters, settings.optimizer)
        batches = BatchSampler(
            tokens: tokens, batch: settings.batch, context: model.configuration.context, seed: settings.seed)
    }

    /// How many steps were made.
    public var stepCount: Int { optimizer.step }

    /// Draws a batch, measures the loss, follows the gradient.
    ///
    /// - Returns: What the step did.
    /// - Throws: `.failure` if loss or gradient are no longer finite; the model is then as it was before.
    public mutating func step() throws -> Report {
        let index = optimizer.step
        let batch = batches.batch(at: index)
        let loss = model.loss(
            batch.inputs, targets: batch.targets, batch: settings.batch,
            .training(seed: settings.seed, step: index))
        let value = Double(loss.scalar)
        let gradients = loss.gradients()
        let norm = optimizer.norm(of: gradients)
        let rate = settings.schedule.rate(at: index, of: settings.steps)
        guard value.isFinite, norm.isFinite else {
            throw TinyGPTError(
                .failure,
                """
                training diverged at step \(index + 1): the loss is \(value), the gradient's norm \(norm). The last good \
                checkpoint is kept.
                Try a smaller --learning-rate (this step's was \(rate)) or a longer --warmup.
                """)
        }
        optimizer.update(gradients, norm: norm, learningRate: rate)
        return Report(step: index + 1, loss: value, learningRate: rate, gradientNorm: norm)
    }
}
