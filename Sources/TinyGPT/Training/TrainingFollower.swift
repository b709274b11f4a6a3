import Autograd
import Layers

/// The part of a training that a process other than the first does: it has the model, the text and the optimizer's state, makes
/// every step with the others, and neither reads, writes nor decides anything.
package final class TrainingFollower {
    private let trainer: Trainer
    private let corpus: Corpus

    /// A follower; weights and state come from the first process.
    ///
    /// - Parameters:
    ///   - configuration: The model.
    ///   - settings: The training.
    ///   - step: Updates made so far.
    ///   - corpus: The text, the same as that of the first process.
    ///   - processes: All processes.
    /// - Throws: What making the model throws.
    package init(
        _ configuration: GPT.Configuration, _ settings: TrainingSettings, step: Int, corpus: Corpus,
        _ processes: Processes
    ) throws {
        let model = try GPT(configuration, seed: settings.seed)
        let optimizer = Optimizer(model.parameters, settings.optimizer, settings.optimizerKind, step: step) {
            Tensor(repeating: 0, shape: $1)
        }
        trainer = Trainer(
            model, optimizer: optimizer, tokens: corpus.train, lineBreak: corpus.lineBreak, settings,
            processes: processes)
        self.corpus = corpus
    }

    /// Does its part of a task that the first process has announced. What fails fails on all processes, and the first reports it.
    package func follow(_ task: Processes.Task) {
        switch task {
        case .copy: trainer.copyState()
        case .step: _ = try? trainer.step()
        case .validate:
            _ = try? Evaluation(
                of: trainer.model, on: corpus.validation, lineBreak: corpus.lineBreak, processes: trainer.processes)
        case .compare, .end: break
        }
    }
}

extension Trainer {
    /// Gives all processes the weights and the optimizer's state of the first one.
    package func copyState() {
        processes.announce(.copy)
        processes.copy(model.parameters.map(\.tensor) + optimizer.state.map(\.tensor))
    }
}
