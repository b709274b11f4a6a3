import Autograd
import Layers

/// Trains a model, one step at a time. It knows nothing of files or terminals.
public final class Trainer {
    /// The model that is trained.
    public let model: GPT
    /// The hyperparameters.
    public let settings: TrainingSettings
    /// The optimizer, whose step counts the updates made.
    public let optimizer: Optimizer
    private let batches: BatchSampler

    /// The measurements of one step.
    public struct Report: Equatable, Sendable {
        /// The step, counting from 1.
        public let step: Int
        /// The mean cross-entropy of the batch before the update, in nats per character.
        public let loss: Double
        /// The learning rate of the update.
        public let learningRate: Double
        /// The global norm of the gradients before clipping.
        public let gradientNorm: Double
        /// The characters that were predicted.
        public let characters: Int
    }

    /// A trainer of a model on a text.
    ///
    /// - Parameters:
    ///   - model: The model, whose parameters are updated in place.
    ///   - optimizer: The optimizer of its parameters, whose step is where the training continues; a new one if nil.
    ///   - tokens: The text to train on, in the model's vocabulary.
    ///   - lineBreak: The token between lines that are texts of their own; nil where the text is one.
    ///   - settings: The hyperparameters; those of the optimizer are read only for a new one.
    /// - Precondition: The settings are valid (``TrainingSettings/validate()``), and the text is longer than the model's context.
    public init(
        _ model: GPT, optimizer: Optimizer? = nil, tokens: TokenArray, lineBreak: Int32? = nil,
        _ settings: TrainingSettings
    ) {
        self.model = model
        self.settings = settings
        self.optimizer = optimizer ?? Optimizer(model.parameters, settings.optimizer, settings.optimizerKind)
        batches = BatchSampler(
            tokens: tokens, batch: settings.batch, context: model.configuration.context, seed: settings.seed,
            order: settings.batches, lineBreak: lineBreak)
    }

    /// Makes one step: draws a batch, computes the loss and its gradients, updates the parameters.
    ///
    /// - Returns: The measurements.
    /// - Throws: ``TinyGPTError/trainingDiverged(step:loss:gradientNorm:learningRate:)`` if loss or gradient norm are not
    ///   finite; the model is then as it was before.
    public func step() throws -> Report {
        let index = optimizer.step
        let (value, gradients, characters) = lossAndGradients(at: index)
        let norm = optimizer.norm(of: gradients)
        let rate = settings.schedule.rate(at: index, of: settings.steps)
        guard value.isFinite, norm.isFinite else {
            throw TinyGPTError.trainingDiverged(step: index + 1, loss: value, gradientNorm: norm, learningRate: rate)
        }
        optimizer.update(gradients, norm: norm, learningRate: rate)
        return Report(step: index + 1, loss: value, learningRate: rate, gradientNorm: norm, characters: characters)
    }

    /// The mean loss of a step's batches, its gradients, and the characters that were predicted.
    private func lossAndGradients(at index: Int) -> (Double, Gradients, Int) {
        let count = settings.accumulation
        var characters = 0
        func loss(_ number: Int) -> Tensor {
            let batch = batches.batch(at: number)
            characters += batch.targets.count { $0 >= 0 }
            let loss = model.loss(
                batch.inputs, targets: batch.targets, batch: settings.batch,
                .training(seed: settings.seed, step: number))
            return count == 1 ? loss : loss.scaled(by: 1 / Float(count))
        }
        let first = loss(index * count)
        var value = Double(first.scalar)
        var gradients = first.gradients()
        for number in index * count + 1..<(index + 1) * count {
            let next = loss(number)
            value += Double(next.scalar)
            gradients += next.gradients()
        }
        return (value, gradients, characters)
    }
}
