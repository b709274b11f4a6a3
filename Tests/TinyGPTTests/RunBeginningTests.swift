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

    @Test(
        "Nothing is begun over a log of later steps or of another program, even without checkpoints and metrics",
        arguments: [
            (
                "metrics.csv",
                "step,split,loss,learning_rate,gradient_norm,tokens_per_second,seconds\r\n1,train,1,,,,\r\n"
            ),
            ("metrics.csv", "epoch,loss\n1,2\n"),
            (
                "metrics.csv",
                "step,split,loss,learning_rate,gradient_norm,tokens_per_second,seconds\n0,val,1,,,,\n1,train,1,,,,\n"
            ),
            ("samples.txt", "--- step 0, validation loss 4.1 ---\nab\n\n--- step 10, validation loss 3.2 ---\ncd\n\n"),
            ("samples.txt", "my own notes\n"), ("probe.jsonl", "{\"text\":\"be\"}\n"),
            ("probe.jsonl", "{\"text\":\"to\"}\n{\"loss\":1,\"maps\":\"\",\"step\":2}\n"), ("probe.jsonl", "mine\n"),
        ])
    func foreignLogs(name: String, contents: String) throws {
        try beginAndDie()
        for path in [run.bestCheckpointPath, run.metricsPath] { try FileManager.default.removeItem(atPath: path) }
        #expect(run.isUnsaved)
        let path = try folder.write("run/\(name)", contents)
        #expect(!run.isUnsaved)
        #expect(throws: TinyGPTError.runExists(run.path)) { try begin() }
        let left = try String(contentsOfFile: path, encoding: .utf8)
        #expect(Array(left.utf8) == Array(contents.utf8))
    }

    @Test(
        "Zeros and cut-off lines that a power failure has left in the logs of the initial state do not keep a run from beginning",
        arguments: [
            ("metrics.csv", "\0\0\0"), ("metrics.csv", "\0\0\0\n0,val,1,,,,\n"), ("metrics.csv", "step,sp"),
            ("metrics.csv", ""),
            ("samples.txt", "--- step 0, val"), ("samples.txt", "\0\0\0 ---\nab\n\n"), ("samples.txt", ""),
            ("samples.txt", "--- step 0, validation loss 4.1 ---\na\0"),
            ("probe.jsonl", "{\"text\":\"to\"}\n\0\0,\"step\":0}\n"),
            ("probe.jsonl", "{\"te"), ("probe.jsonl", "{\"text\":\"to\"}\n{\"loss\":1"),
        ])
    func damagedLogs(name: String, contents: String) throws {
        try beginAndDie()
        try folder.write("run/\(name)", contents)
        #expect(run.isUnsaved)
    }

    @Test(
        "A log that ends before the checkpoint is damage that stops a resumed run; one that is missing begins anew",
        arguments: ["metrics.csv", "samples.txt", "probe.jsonl"])
    func cutLogs(name: String) throws {
        try begin(shouldStop: { false })
        let checkpoint = try Checkpoint(path: run.lastCheckpointPath, for: .training)
        let corpus = try Corpus(TokenArray(checkpoint.vocabulary.encode(Self.text)), checkpoint.vocabulary, context: 8)
        func resume() throws {
            _ = try TrainingRun(resuming: run, from: checkpoint, corpus: corpus, settings: Self.settings)
        }
        let whole = try String(contentsOfFile: folder["run/\(name)"], encoding: .utf8)
        for kept in [0, whole.utf8.count / 2, whole.utf8.count - 60] {
            let cut = Array(whole.utf8.prefix(kept))
            try folder.write("run/\(name)", cut)
            let error = userError { try resume() }
            #expect(
                error?.kind == .badData && error?.description.contains(name) == true,
                "\(kept): \(String(describing: error))")
            #expect(try Array(Data(contentsOf: URL(filePath: folder["run/\(name)"]))) == cut)
        }
        try FileManager.default.removeItem(atPath: folder["run/\(name)"])
        for _ in 0..<2 { try resume() }
        #expect(FileStatus.type(at: folder["run/\(name)"]) == nil)
        try folder.write("run/\(name)", whole)
        try resume()
    }

    @Test("What a command takes back is what it made: a folder that was there stays, through a link too")
    func takenBack() throws {
        try FileManager.default.createDirectory(atPath: folder["there"], withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: folder["link"], withDestinationPath: folder["there"])
        let linked = try BegunRun(at: folder["link"], forText: "x")
        try folder.write("there/config.json", "{}")
        try folder.write("there/notes", "mine")
        linked.remove()
        #expect(try folder.contents() == ["link", "there"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder["there"]).sorted() == [".lock", "notes"])
        let made = try BegunRun(at: folder["new"], forText: "x")
        try folder.write("new/checkpoint-last.safetensors", "")
        made.remove()
        #expect(FileStatus.type(at: folder["new"]) == nil)
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
