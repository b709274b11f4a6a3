import Autograd
import Foundation
import Layers
import Testing

@testable import Kernels
@testable import KernelsTests
@testable import TinyGPT

@Suite("Training", .serialized)
struct TrainerTests: TinyTraining {
    @Test("A short text is learned", arguments: ModelKind.eachAndTables)
    func learns(kind: ModelKind) throws {
        let trainer = try Self.trainer(Self.settings(steps: 150, kind), kind)
        let first = try trainer.step().loss
        var last = first
        while trainer.optimizer.step < 150 { last = try trainer.step().loss }
        #expect(first > 2.5)
        #expect(last < 1.2)
    }

    @Test("Training gives the same bits at 1, 2 and 3 threads", arguments: ModelKind.eachAndTables)
    func threads(kind: ModelKind) throws {
        let results = try [1, 2, 3].map { threads in
            try Parallel.withThreads(threads) {
                let trainer = try Self.trainer(Self.settings(steps: 6, kind), kind)
                for _ in 0..<6 { _ = try trainer.step() }
                return Self.weights(trainer)
            }
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test("Training that diverges stops, and leaves the model as it was")
    func divergence() throws {
        let trainer = try Self.trainer(Self.settings(steps: 10))
        _ = try trainer.step()
        trainer.model.parameters[0].tensor.buffer[0] = .infinity
        let before = Self.weights(trainer)
        let error = #expect(throws: TinyGPTError.self) { _ = try trainer.step() }
        #expect(error?.kind == .failure)
        #expect(Self.weights(trainer) == before)
    }

    @Test("After the first step not one further block of memory is asked for", arguments: [false, true])
    func memory(isModern: Bool) async {
        // In a process of its own: other tests use the same pool.
        await #expect(processExitsWith: .success) { [isModern] in
            let trainer = try TrainerTests.trainer(
                TrainerTests.settings(steps: 10), isModern ? .modern : ModelKind(bias: true))
            Compute.threads = 1
            _ = try trainer.step()
            let first = BufferPool.shared.statistics
            for _ in 0..<5 { _ = try trainer.step() }
            guard first.allocations > 10, BufferPool.shared.statistics == first else { exit(1) }
        }
    }

    @Test("No step reads memory before it was written", arguments: ModelKind.eachAndTables)
    func uninitialized(kind: ModelKind) throws {
        let (clean, poisoned) = (
            try Self.trainer(Self.settings(steps: 10, kind), kind),
            try Self.trainer(Self.settings(steps: 10, kind), kind)
        )
        for _ in 0..<3 {
            _ = try clean.step()
            Parallel.overwriteUnusedMemory(with: .nan)
            _ = try poisoned.step()
        }
        #expect(Self.weights(clean) == Self.weights(poisoned))
    }

    @Test("A model whose logits are not finite is neither sampled nor exported")
    func notFinite() throws {
        let trainer = try Self.trainer(Self.settings(steps: 1))
        for parameter in trainer.model.parameters where parameter.tensor.shape.rank == 2 {
            parameter.tensor.buffer.replace(with: parameter.tensor.values.map { $0 < 0 ? -3e38 : 3e38 })
        }
        let generator = Generator(trainer.model, prompt: [0], sampler: Sampler(), seed: 1)
        #expect(throws: TinyGPTError.modelDiverged) { _ = try generator.next() }
        let path = Self.temporaryFolder()
        let checkpoint = Checkpoint(
            trainer.model, trainer.optimizer, vocabulary: Vocabulary(text: Self.text), settings: trainer.settings,
            progress: .init(), data: .init(sha256: "", files: []))
        #expect(throws: TinyGPTError.modelDiverged) { try HuggingFaceExport.write(checkpoint, to: path) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("Parameters made by hand are optimized: AdamW finds the minimum of a parabola")
    func parametersByHand() {
        let x = Tensor.parameter([3, -2], shape: [2])
        let optimizer = AdamW([NamedParameter("x", x)], AdamW.Settings(weightDecay: 0))
        for _ in 0..<500 {
            let loss = ((x - Tensor([1, 5], shape: [2])).power(2)).sum()
            optimizer.update(loss.gradients(), learningRate: 0.05)
        }
        for (value, minimum) in zip(x.values, [1, 5]) { #expect(abs(value - Float(minimum)) < 1e-2) }
    }

    @Test("Two accumulated batches make the step of one batch with the windows of both")
    func accumulation() throws {
        var settings = Self.settings(steps: 4)
        settings.batches = .shuffled
        (settings.batch, settings.accumulation) = (6, 1)
        func trainer() throws -> Trainer {
            let (corpus, vocabulary) = try Self.corpus()
            let model = try GPT(
                ModelKind(architecture: .modern, tables: .bigram).configuration(
                    vocabulary: vocabulary.count, width: 16, context: 8), seed: 1)
            return Trainer(model, tokens: corpus.train, settings)
        }
        let whole = try trainer()
        (settings.batch, settings.accumulation) = (3, 2)
        let parts = try trainer()
        for _ in 0..<4 {
            let (a, b) = (try whole.step(), try parts.step())
            #expect(abs(a.loss - b.loss) < 1e-6 && abs(a.gradientNorm / b.gradientNorm - 1) < 1e-5)
        }
        for (a, b) in zip(Self.weights(whole), Self.weights(parts)) {
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test(
        "Shares of a batch make the step of the whole batch, lines that are shorter than others included",
        arguments: [1, 2])
    func shares(accumulation: Int) throws {
        let lines = "to be or not\nto be\nthat is\nthe\nquestion\nor not\n"
        let vocabulary = Vocabulary(text: Array(lines.unicodeScalars))
        let corpus = try Corpus(
            TokenArray(vocabulary.encode(Array(lines.unicodeScalars))), vocabulary, context: 16, linesSeed: 1)
        func trainer(_ shares: Int) throws -> Trainer {
            let model = try GPT(
                ModelKind(architecture: .modern, tables: .bigram).configuration(
                    vocabulary: vocabulary.count, width: 16, context: 16), seed: 1)
            var settings = Self.settings(steps: 4)
            (settings.batch, settings.accumulation, settings.shares) = (5, accumulation, shares)
            return Trainer(model, tokens: corpus.train, lineBreak: corpus.lineBreak, settings)
        }
        let (whole, parts) = (try trainer(1), try trainer(3))
        for _ in 0..<4 {
            let (a, b) = (try whole.step(), try parts.step())
            #expect(a.characters == b.characters && a.characters > 20)
            #expect(abs(a.loss - b.loss) < 1e-6 && abs(a.gradientNorm / b.gradientNorm - 1) < 1e-5)
        }
        for (a, b) in zip(Self.weights(whole), Self.weights(parts)) {
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test("Each rule updates its own parameters: rows that occurred, hidden matrices orthogonally, the rest by AdamW")
    func rules() throws {
        let kind = ModelKind(architecture: .modern, tables: .trigram)
        let trainer = try Self.trainer(Self.settings(steps: 5, kind), kind)
        let names = Set(trainer.optimizer.state.map(\.name))
        #expect(names.contains("momentum.blocks.0.attention.qkv.weight"))
        #expect(names.contains("first_moment.blocks.0.norm1.weight") && names.contains("last_step.bigrams.weight"))
        #expect(!names.contains("second_moment.blocks.0.attention.qkv.weight"))
        let before = Self.weights(trainer)
        let report = try trainer.step()
        for parameter in trainer.model.parameters where parameter.name.hasSuffix("attention.projection.weight") {
            // It starts at zero, so its value is the update: singular values of about 0.2 sqrt(16) rate. AdamW's first step
            // would be five times that, every element as large as the rate.
            let norm = parameter.tensor.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect((0.3...1.3).contains(norm / (0.2 * 16 * report.learningRate)), "\(parameter.name)")
        }
        for (parameter, old) in zip(trainer.model.parameters, before) where parameter.role == .table {
            let width = parameter.tensor.shape[1]
            let changed = stride(from: 0, to: old.count, by: width).count { row in
                parameter.tensor.values[row..<row + width] != old[row..<row + width]
            }
            // Six windows of eight characters.
            #expect((1...48).contains(changed), "\(parameter.name)")
        }
        // Once more, since what feeds a projection of zeros has no gradient in the first step.
        _ = try trainer.step()
        for (parameter, old) in zip(trainer.model.parameters, before) where parameter.role == .other {
            #expect(parameter.tensor.values != old, "\(parameter.name)")
        }
    }
}
