import Autograd
import Foundation
import Layers
import Testing

@testable import Kernels
@testable import TinyGPT

@Suite("Training", .serialized)
struct TrainerTests {
    private static let text = Array(
        String(repeating: "to be or not to be, that is the question. ", count: 12).unicodeScalars)

    private static func corpus() throws -> (Corpus, Vocabulary) {
        let vocabulary = Vocabulary(text: text)
        return (try Corpus(TokenArray(vocabulary.encode(text)), vocabulary, context: 8), vocabulary)
    }

    private static func settings(steps: Int, evaluateEvery: Int = 1000, rate: Double = 1e-2) -> TrainingSettings {
        TrainingSettings(
            batch: 3, steps: steps, schedule: .init(peak: rate, minimum: 1e-3, warmup: 5),
            evaluateEvery: evaluateEvery, seed: 11)
    }

    private static func trainer(
        _ settings: TrainingSettings, _ kind: ModelKind = ModelKind(bias: true)
    ) throws -> Trainer {
        let (corpus, vocabulary) = try corpus()
        let model = try GPT(
            kind.configuration(vocabulary: vocabulary.count, width: 16, context: 8, dropout: 0.1), seed: settings.seed)
        return Trainer(model, tokens: corpus.train, settings)
    }

    private static func weights(_ trainer: Trainer) -> [[Float]] { trainer.model.parameters.map(\.tensor.values) }

    private static func temporaryFolder() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("tinygpt-\(UUID().uuidString)").path
    }

    private static func run(
        in path: String, _ settings: TrainingSettings, _ kind: ModelKind = ModelKind(bias: true)
    ) throws -> TrainingRun {
        let (corpus, vocabulary) = try corpus()
        return try TrainingRun(
            in: try RunFolder.create(at: path), try trainer(settings, kind), corpus: corpus, vocabulary: vocabulary,
            data: .init(sha256: "0", files: []))
    }

    @Test("A short text is learned", arguments: ModelKind.each)
    func learns(kind: ModelKind) throws {
        let trainer = try Self.trainer(Self.settings(steps: 150), kind)
        let first = try trainer.step().loss
        var last = first
        while trainer.optimizer.step < 150 { last = try trainer.step().loss }
        #expect(first > 2.5)
        #expect(last < 1.2)
    }

    @Test("Training gives the same bits at 1, 2 and 3 threads", arguments: ModelKind.each)
    func threads(kind: ModelKind) throws {
        defer { Compute.threads = Parallel.processors }
        let results = try [1, 2, 3].map { threads in
            Compute.threads = threads
            let trainer = try Self.trainer(Self.settings(steps: 6), kind)
            for _ in 0..<6 { _ = try trainer.step() }
            return Self.weights(trainer)
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test(
        "A run that was stopped and resumed, and validated more often, ends with the same bits and no step twice",
        arguments: ModelKind.each)
    func resume(kind: ModelKind) throws {
        let (whole, parts) = (Self.temporaryFolder(), Self.temporaryFolder())
        defer { for path in [whole, parts] { try? FileManager.default.removeItem(atPath: path) } }
        let uninterrupted = try Self.run(in: whole, Self.settings(steps: 12), kind)
        _ = try uninterrupted.run { _ in }

        let first = try Self.run(in: parts, Self.settings(steps: 12, evaluateEvery: 2), kind)
        var steps = 0
        #expect(try first.run(shouldStop: { steps >= 5 }) { if case .step = $0 { steps += 1 } } == nil)
        let folder = RunFolder(path: parts)
        let (corpus, _) = try Self.corpus()
        let second = try TrainingRun(
            resuming: folder, from: try Checkpoint(path: folder.lastCheckpointPath, for: .training), corpus: corpus,
            settings: Self.settings(steps: 12, evaluateEvery: 3))
        #expect(second.progress.step == 5)
        _ = try second.run { _ in }
        #expect(Self.weights(second.trainer) == Self.weights(uninterrupted.trainer))

        let rows = try MetricsLog.read(folder.metricsPath)
        #expect(rows.filter { $0.split == .train }.map(\.step) == Array(1...12))
        #expect(rows.filter { $0.split == .validation }.map(\.step) == [0, 2, 4, 6, 9, 12])
        #expect(FileManager.default.fileExists(atPath: folder.samplesPath))
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

    @Test("No step reads memory before it was written", arguments: ModelKind.each)
    func uninitialized(kind: ModelKind) throws {
        let (clean, poisoned) = (
            try Self.trainer(Self.settings(steps: 10), kind), try Self.trainer(Self.settings(steps: 10), kind)
        )
        for _ in 0..<3 {
            _ = try clean.step()
            Parallel.overwriteUnusedMemory(with: .nan)
            _ = try poisoned.step()
        }
        #expect(Self.weights(clean) == Self.weights(poisoned))
    }

    @Test("A model that has diverged is not saved in place of a good one")
    func divergedCheckpoint() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = try Self.run(in: path, Self.settings(steps: 1, rate: 1e38))
        let error = #expect(throws: TinyGPTError.self) { _ = try run.run { _ in } }
        #expect(error?.kind == .failure)
        for file in [run.folder.lastCheckpointPath, run.folder.bestCheckpointPath] {
            #expect(try Checkpoint(path: file, for: .inference).progress.step == 0)
        }
    }

    @Test("The learning rate rises linearly and falls along half a cosine")
    func schedule() {
        let schedule = LearningRateSchedule(peak: 1, minimum: 0.1, warmup: 10)
        #expect(schedule.rate(at: 0, of: 110) == 0.1)
        #expect(schedule.rate(at: 9, of: 110) == 1)
        #expect(schedule.rate(at: 10, of: 110) == 1)
        #expect(abs(schedule.rate(at: 60, of: 110) - 0.55) < 1e-12)
        #expect(abs(schedule.rate(at: 110, of: 110) - 0.1) < 1e-12)
    }

    @Test(
        "A run is not resumed where a pipe or a folder stands in place of its best checkpoint", .timeLimit(.minutes(1)))
    func irreplaceableCheckpoint() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try Self.run(in: path, Self.settings(steps: 1)).run { _ in }
        let folder = RunFolder(path: path)
        let checkpoint = try Checkpoint(path: folder.lastCheckpointPath, for: .training)
        for make in [{ mkfifo($0, 0o600) }, { mkdir($0, 0o700) }] as [(String) -> Int32] {
            try FileManager.default.removeItem(atPath: folder.bestCheckpointPath)
            #expect(make(folder.bestCheckpointPath) == 0)
            let error = #expect(throws: TinyGPTError.self) {
                _ = try TrainingRun(
                    resuming: folder, from: checkpoint, corpus: try Self.corpus().0, settings: Self.settings(steps: 2))
            }
            #expect(error?.kind == .badData)
        }
    }

    @Test("A checkpoint that is cut off, foreign or incomplete is refused in words")
    func badCheckpoints() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = try Self.run(in: path, Self.settings(steps: 1))
        _ = try run.run { _ in }
        let good = RunFolder(path: path).lastCheckpointPath
        let bytes = try Data(contentsOf: URL(fileURLWithPath: good))
        let other = path + "/other.safetensors"
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: other))
        #expect(throws: TinyGPTError.self) { _ = try Checkpoint(path: other, for: .inference) }
        try Safetensors(metadata: ["format": "pt"], tensors: [:]).write(to: other)
        let error = #expect(throws: TinyGPTError.self) { _ = try Checkpoint(path: other, for: .inference) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("not a TinyGPT checkpoint") == true)
        var contents = try Safetensors.read(from: good)
        contents.tensors["blocks.1.norm2.weight"] = nil
        try contents.write(to: other)
        #expect(throws: TinyGPTError.self) { _ = try Checkpoint(path: other, for: .inference).model() }
        contents.tensors["blocks.1.norm2.weight"] = .init(shape: [3], values: [1, 2, 3])
        try contents.write(to: other)
        #expect(throws: TinyGPTError.self) { _ = try Checkpoint(path: other, for: .inference).model() }
        contents.tensors["blocks.1.norm2.weight"] = .init(shape: [16], values: .init(repeating: .nan, count: 16))
        try contents.write(to: other)
        let notFinite = #expect(throws: TinyGPTError.self) { _ = try Checkpoint(path: other, for: .inference).model() }
        #expect(notFinite?.description.contains("not finite numbers") == true)
    }

    @Test(
        "Damaged settings and sizes inside a checkpoint are refused with the file's name",
        arguments: [
            ("settings", "\"evaluateEvery\":", "0"), ("settings", "\"batch\":", "0"),
            ("settings", "\"validationFraction\":", "2"), ("settings", "\"warmup\":", "-1"),
            ("settings", "\"beta1\":", "1"), ("settings", "\"epsilon\":", "0"), ("settings", "\"steps\":", "-1"),
            ("progress", "\"step\":", "-1"), ("configuration", "\"heads\":", "0"),
            ("configuration", "\"width\":", "2305843009213693952"), ("configuration", "\"context\":", "-5"),
        ])
    func believedSettings(key: String, name: String, value: String) throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try Self.run(in: path, Self.settings(steps: 1)).run { _ in }
        let good = RunFolder(path: path).lastCheckpointPath
        var contents = try Safetensors.read(from: good)
        let json = try #require(contents.metadata[key])
        let start = try #require(json.range(of: name)).upperBound
        let end = try #require(json[start...].firstIndex { $0 == "," || $0 == "}" })
        contents.metadata[key] = json.replacingCharacters(in: start..<end, with: value)
        let other = path + "/other.safetensors"
        try contents.write(to: other)
        let error = #expect(throws: TinyGPTError.self) { _ = try Checkpoint(path: other, for: .inference) }
        #expect(error?.kind == .badData)
        #expect(error?.description.hasPrefix("'\(other)' is a damaged checkpoint: ") == true)
    }

    @Test("A stored tensor of five axes is refused like any other of a wrong shape")
    func fiveAxes() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try Self.run(in: path, Self.settings(steps: 1)).run { _ in }
        let file = RunFolder(path: path).lastCheckpointPath
        var contents = try Safetensors.read(from: file)
        contents.tensors["blocks.1.norm2.weight"] = .init(
            shape: [1, 1, 1, 1, 16], values: .init(repeating: 1, count: 16))
        try contents.write(to: file)
        let error = #expect(throws: TinyGPTError.self) { _ = try Checkpoint(path: file, for: .inference).model() }
        #expect(error?.description.contains("should have the shape (16), got [1, 1, 1, 1, 16]") == true)
    }

    @Test("A checkpoint read for inference has the same model and leaves the optimizer's moments in the file")
    func withoutMoments() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = try Self.run(in: path, Self.settings(steps: 2))
        _ = try run.run { _ in }
        let checkpoint = try Checkpoint(path: run.folder.lastCheckpointPath, for: .inference)
        #expect(
            try checkpoint.model().parameters.map(\.tensor.values) == run.trainer.model.parameters.map(\.tensor.values))
        let error = #expect(throws: TinyGPTError.self) {
            _ = try checkpoint.trainer(
                tokens: TokenArray([Int32](repeating: 0, count: 99)), settings: Self.settings(steps: 3))
        }
        #expect(error?.description.contains("'optimizer.first_moment.embedding.weight' is missing") == true)
    }

    @Test("A text of fewer than two characters cannot be measured", arguments: [0, 1])
    func shortEvaluation(count: Int) throws {
        let model = try Self.trainer(Self.settings(steps: 1)).model
        #expect(throws: TinyGPTError.tooShortToMeasure(characters: count)) {
            _ = try Evaluation(of: model, on: TokenArray([Int32](repeating: 1, count: count)))
        }
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
}

@Suite("Choosing a character")
struct SamplerTests {
    private let logits: [Float] = [0, 3, 1, 3, -2]

    @Test("Temperature 0 takes the likeliest, the first of equals")
    func greedy() {
        #expect(Sampler(temperature: 0).probabilities(logits) == [0, 1, 0, 0, 0])
    }

    @Test("Top-k and top-p keep the likeliest and what they leave sums to one")
    func cuts() {
        let two = Sampler(topK: 2).probabilities(logits)
        #expect(two.map { $0 > 0 } == [false, true, false, true, false])
        let most = Sampler(topP: 0.6).probabilities(logits)
        #expect(most.map { $0 > 0 } == [false, true, false, true, false])
        #expect(Sampler(topP: 0.1).probabilities(logits) == [0, 1, 0, 0, 0])
        #expect(abs(Sampler(temperature: 0.7, topK: 4, topP: 0.99).probabilities(logits).reduce(0, +) - 1) < 1e-12)
    }

    @Test("Settings that no sampler can have stop the program", arguments: [0, 1, 2])
    func impossibleSettings(number: Int) async {
        await #expect(processExitsWith: .failure) { [number] in
            _ = [
                Sampler(topK: number == 0 ? 0 : 1), Sampler(topP: number == 1 ? 0 : 1),
                Sampler(temperature: number == 2 ? -1 : 1),
            ]
        }
    }

    @Test(
        "Characters are drawn as often as they are probable, whatever was in the memory for probabilities",
        arguments: [Sampler(temperature: 0), Sampler(temperature: 0.7), Sampler(topK: 2), Sampler(topP: 0.95)])
    func draws(sampler: Sampler) {
        let (count, expected) = (4000, sampler.probabilities(logits))
        var random = RandomStream(seed: 1, purpose: .sampling, counter: 0)
        var again = random
        var memory = [Double](repeating: 7, count: logits.count)
        var drawn = [Double](repeating: 0, count: logits.count)
        for _ in 0..<count {
            let token = sampler.draw(logits, &random)
            #expect(sampler.draw(logits, &again, &memory) == token)
            drawn[Int(token)] += 1
        }
        // Five standard deviations of a binomial distribution, at most.
        for (number, probability) in zip(drawn, expected) {
            #expect(abs(number / Double(count) - probability) <= 2.5 / Double(count).squareRoot())
            if probability == 0 { #expect(number == 0) }
        }
    }
}
