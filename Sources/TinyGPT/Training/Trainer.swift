import Autograd
import Layers

/// Trains a model, one step at a time. It knows nothing of files or terminals.
public final class Trainer {
    /// The model that is trained.
    public let model: GPT
    /// The hyperparameters.
    public private(set) var settings: TrainingSettings
    /// The optimizer, whose step counts the updates made.
    public let optimizer: Optimizer
    /// The processes that make each step together.
    package let processes: Processes
    private let batches: BatchSampler

    /// Steps between two comparisons of the parameters of all processes.
    private static let compareEvery = 100

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
    ///   - processes: The processes that make each step together, each with a trainer like this one.
    /// - Precondition: The settings are valid (``TrainingSettings/validate()``), the text is longer than the model's context, or has
    ///   a line if lines are texts of their own, and there are no more processes than shares of a batch.
    public init(
        _ model: GPT, optimizer: Optimizer? = nil, tokens: TokenArray, lineBreak: Int32? = nil,
        _ settings: TrainingSettings, processes: Processes = .one
    ) {
        precondition(processes.count <= settings.shares || processes.count == 1, "fewer shares than processes")
        self.processes = processes
        self.model = model
        self.settings = settings
        self.optimizer = optimizer ?? Optimizer(model.parameters, settings.optimizer, settings.optimizerKind)
        batches = BatchSampler(
            tokens: tokens, batch: settings.batch, context: model.configuration.context, seed: settings.seed,
            order: settings.batches, lineBreak: lineBreak)
    }

    /// Changes the number of steps before the cooldown of a linear schedule: bit for bit, the training becomes the one that has the
    /// new number from its beginning.
    ///
    /// - Parameter steps: All steps, those that are made among them.
    /// - Precondition: A step is made, none that is has another learning rate in a training of so many steps, and no other process
    ///   trains.
    func changeSteps(to steps: Int) {
        precondition(processes.count == 1, "the other processes do not learn of another number of steps")
        precondition(
            settings.schedule.isSettled(at: optimizer.step - 1, of: min(steps, settings.steps)),
            "the steps cannot be changed to \(steps): the learning rate of step \(optimizer.step) would be another")
        settings.steps = steps
    }

    /// Makes one step: draws a batch, computes the loss and its gradients, updates the parameters.
    ///
    /// - Returns: The measurements.
    /// - Throws: ``TinyGPTError/trainingDiverged(step:loss:gradientNorm:learningRate:)`` if loss or gradient norm are not
    ///   finite; the model is then as it was before. ``TinyGPTError/processesDiffer(step:)`` if parameters are not the same on
    ///   all processes.
    public func step() throws -> Report {
        processes.announce(.step)
        let index = optimizer.step
        if index % Self.compareEvery == 0, !processes.areEqual(model.parameters.map(\.tensor)) {
            throw TinyGPTError.processesDiffer(step: index)
        }
        let (value, gradients, characters) = lossAndGradients(at: index)
        let norm = optimizer.norm(of: gradients)
        let rate = settings.schedule.rate(at: index, of: settings.steps)
        guard value.isFinite, norm.isFinite else {
            throw TinyGPTError.trainingDiverged(step: index + 1, loss: value, gradientNorm: norm, learningRate: rate)
        }
        optimizer.update(gradients, norm: norm, learningRate: rate)
        return Report(step: index + 1, loss: value, learningRate: rate, gradientNorm: norm, characters: characters)
    }

    /// The mean loss of a step's batches, its gradients, and the characters that were predicted: sums over the shares, in their
    /// order, of what a share of each batch gives.
    private func lossAndGradients(at index: Int) -> (Double, Gradients, Int) {
        let numbers = index * settings.accumulation..<(index + 1) * settings.accumulation
        let exchange = GradientExchange(model.parameters, shares: settings.shares, among: processes)
        var total: Gradients?
        var measured: [(loss: Double, characters: Int)] = []
        for share in processes.part(of: settings.shares) {
            var gradients: Gradients?
            measured.append((0, 0))
            for number in numbers {
                let (loss, characters) = loss(ofShare: share, ofBatch: number)
                measured[measured.count - 1].loss += Double(loss.scalar)
                measured[measured.count - 1].characters += characters
                let send = exchange.map { exchange in { exchange.send($1, ofParameter: $0, share: share) } }
                loss.gradients(whenComplete: numbers.count == 1 ? send : nil).add(to: &gradients)
            }
            if let exchange {
                exchange.send(gradients!, ofShare: share)
            } else {
                gradients!.add(to: &total)
            }
        }
        let all = processes.gather(measured).joined()
        return (all.reduce(0) { $0 + $1.loss }, exchange?.finish() ?? total!, all.reduce(0) { $0 + $1.characters })
    }

    /// The part of the mean loss that a share of a batch contributes, and the characters that it predicts.
    private func loss(ofShare share: Int, ofBatch number: Int) -> (Tensor, characters: Int) {
        let batch = batches.batch(at: number)
        let length = batch.targets.count / settings.batch
        let rows = share * settings.batch / settings.shares..<(share + 1) * settings.batch / settings.shares
        let places = rows.lowerBound * length..<rows.upperBound * length
        let targets = Array(batch.targets[places])
        let characters = targets.count { $0 >= 0 }
        let loss = model.loss(
            Array(batch.inputs[places]), targets: targets, batch: rows.count,
            .training(seed: settings.seed, step: number * settings.shares + share))
        let all = settings.shares == 1 ? characters : batch.targets.count { $0 >= 0 }
        let weight = Float(characters) / (Float(all) * Float(settings.accumulation))
        return (weight == 1 ? loss : loss.scaled(by: weight), characters)
    }
}

extension Gradients {
    /// Adds these to a sum that may not have begun.
    fileprivate consuming func add(to sum: inout Gradients?) {
        if sum == nil { sum = self } else { sum! += self }
    }
}
