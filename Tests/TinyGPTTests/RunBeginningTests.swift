import Autograd
import Foundation
import Layers
import Testing

@testable import TinyGPT

@Suite("Beginning a run again")
struct RunBeginningTests {
    private static let text = Array(String(repeating: "to be or not to be. ", count: 20).unicodeScalars)

    let folder: TemporaryFolder
    private var run: RunFolder { RunFolder(path: folder["run"]) }

    init() throws { folder = try TemporaryFolder() }

    private static let settings = TrainingSettings(
        batch: 2, steps: 4, schedule: .init(peak: 1e-2, minimum: 1e-3, warmup: 1), evaluateEvery: 2, seed: 3)

    private static func trainer(_ corpus: Corpus, _ vocabulary: Vocabulary) throws -> Trainer {
        let sizes = GPT.Configuration(
            vocabulary: vocabulary.count, layers: 1, heads: 1, width: 8, context: 8, dropout: 0, bias: false)
        return Trainer(try GPT(sizes, seed: 3), tokens: corpus.train, settings)
    }

    /// A run that has its lock, its configuration and its empty logs, and then makes the steps until `shouldStop`.
    private func begin(shouldStop: () -> Bool = { true }, report: (TrainingRun.Event) throws -> Void = { _ in }) throws
    {
        let vocabulary = Vocabulary(text: Self.text)
        let corpus = try Corpus(TokenArray(vocabulary.encode(Self.text)), vocabulary, context: 8)
        let trainer = try Self.trainer(corpus, vocabulary)
        let data = Checkpoint.DataDescription(sha256: "0", files: [])
        let created = try RunFolder.create(at: run.path)
        let lock = try RunLock(created, isNew: true)
        defer { withExtendedLifetime(lock) {} }
        try RunConfiguration(
            version: "1", started: Date(timeIntervalSince1970: 0), commandLine: ["train"], model: trainer.model,
            training: Self.settings, data: data, probe: "to"
        ).write(to: created.configurationPath)
        _ = try TrainingRun(
            in: created, trainer, corpus: corpus, vocabulary: vocabulary, data: data, probe: "to"
        ).run(shouldStop: shouldStop, report: report)
    }

    private struct Killed: Error {}

    /// Leaves what a run leaves that is killed before its first checkpoint is complete.
    private func beginAndDie() throws {
        #expect(throws: Killed.self) { try begin(report: { if case .validated = $0 { throw Killed() } }) }
        try FileManager.default.removeItem(atPath: run.lastCheckpointPath)
    }

    @Test("A run that ended before its first checkpoint can be begun again, and is then as if it had not been there")
    func again() throws {
        try begin(shouldStop: { false })
        let whole = try Checkpoint(path: run.lastCheckpointPath, for: .training)
        let rows = try MetricsLog.read(run.metricsPath).map(\.loss)
        try FileManager.default.removeItem(atPath: run.path)

        try beginAndDie()
        #expect(run.isUnsaved)
        #expect(try RunFolder.find(run.path, includesUnsaved: true) == run)
        try begin(shouldStop: { false })
        #expect(!run.isUnsaved)
        let second = try Checkpoint(path: run.lastCheckpointPath, for: .training)
        #expect(try second.model().parameters.map(\.tensor.values) == whole.model().parameters.map(\.tensor.values))
        #expect(try MetricsLog.read(run.metricsPath).map(\.loss) == rows)
        #expect(try ProbeLog.read(run.probePath, for: second).snapshots.map(\.step) == [0, 2, 4])
    }

    @Test("Without its best checkpoint or its logs, too, and with what was being written")
    func earlier() throws {
        try beginAndDie()
        try folder.write("run/.tinygpt-999999999-a.tmp", "half")
        for path in [run.bestCheckpointPath, run.samplesPath, run.probePath, run.metricsPath] {
            try FileManager.default.removeItem(atPath: path)
            #expect(run.isUnsaved)
        }
        try begin()
        #expect(try !folder.contents().contains(".tinygpt-999999999-a.tmp"))
    }

    @Test("Nothing is begun over a step that was made, a file of another kind or a configuration of another program")
    func refused() throws {
        try beginAndDie()
        let metrics = try String(contentsOfFile: run.metricsPath, encoding: .utf8)
        try folder.write("run/metrics.csv", metrics + "1,train,3.5,,,,\n")
        #expect(!run.isUnsaved)
        #expect(throws: TinyGPTError.runExists(run.path)) { try begin() }
        try folder.write("run/metrics.csv", metrics)
        try folder.write("run/notes.txt", "mine")
        #expect(throws: TinyGPTError.runExists(run.path)) { try begin() }
        try FileManager.default.removeItem(atPath: folder["run/notes.txt"])
        try folder.write("run/config.json", "{\"name\": \"another\"}")
        #expect(throws: TinyGPTError.runExists(run.path)) { try begin() }
    }

    @Test("The best checkpoint of a later step is not given up when the last one is missing")
    func laterBest() throws {
        try begin(shouldStop: { false })
        try FileManager.default.removeItem(atPath: run.lastCheckpointPath)
        try FileManager.default.removeItem(atPath: run.metricsPath)
        #expect(try Checkpoint(path: run.bestCheckpointPath, for: .inference).progress.step > 0)
        #expect(!run.isUnsaved)
        #expect(throws: TinyGPTError.runExists(run.path)) { try begin() }
    }

    @Test("A run that was stopped after its first validation does not repeat it")
    func validatesOnce() throws {
        try begin()
        let checkpoint = try Checkpoint(path: run.lastCheckpointPath, for: .training)
        let corpus = try Corpus(TokenArray(checkpoint.vocabulary.encode(Self.text)), checkpoint.vocabulary, context: 8)
        _ = try TrainingRun(resuming: run, from: checkpoint, corpus: corpus, settings: Self.settings).run { _ in }
        #expect(try MetricsLog.read(run.metricsPath).filter { $0.split == .validation }.map(\.step) == [0, 2, 4])
        #expect(try ProbeLog.read(run.probePath, for: checkpoint).snapshots.map(\.step) == [0, 2, 4])
    }
}
