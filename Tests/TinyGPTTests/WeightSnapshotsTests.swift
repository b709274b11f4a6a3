import Foundation
import Testing

@testable import TinyGPT

@Suite("Snapshots of the weights")
struct WeightSnapshotsTests: TinyTraining {
    let folder: TemporaryFolder
    private var run: RunFolder { RunFolder(path: folder["run"]) }
    private var snapshots: WeightSnapshots { WeightSnapshots(of: run) }

    init() throws { folder = try TemporaryFolder() }

    private static let settings = settings(steps: 7, evaluateEvery: 2)

    private func begin(_ settings: TrainingSettings = settings) throws -> TrainingRun {
        let (corpus, vocabulary) = try Self.corpus()
        return try TrainingRun(
            in: RunFolder.create(at: run.path), Self.trainer(settings), corpus: corpus, vocabulary: vocabulary,
            data: .init(sha256: "0", files: []), probe: "to be", probeWeights: true)
    }

    private func last() throws -> Checkpoint { try Checkpoint(path: run.lastCheckpointPath, for: .training) }

    private func resume(_ settings: TrainingSettings = settings) throws -> TrainingRun {
        try TrainingRun(
            resuming: run, from: last(), corpus: Self.corpus().0, settings: settings, probeWeights: true)
    }

    /// The weights of a training that has made so many of the steps and no more.
    private func weights(after step: Int) throws -> [[Float]] {
        let trainer = try Self.trainer(Self.settings)
        for _ in 0..<step { _ = try trainer.step() }
        return Self.weights(trainer)
    }

    private func kept(_ step: Int) throws -> [[Float]] {
        try snapshots.model(ofStep: step, for: last()).parameters.map(\.tensor.values)
    }

    @Test("At every validation the weights are kept that a training stopped there has")
    func everyValidation() throws {
        _ = try begin().run { _ in }
        #expect(snapshots.steps == [0, 2, 4, 6, 7])
        for step in snapshots.steps { #expect(try kept(step) == weights(after: step)) }
        let size = try FileManager.default.attributesOfItem(atPath: snapshots.path(ofStep: 4))[.size] as? Int
        let expected = WeightSnapshots.byteCount(try last().configuration)
        #expect(try #require(size) - expected < 5000 && size! > expected)
        // It is a checkpoint to sample from, but not to train on.
        #expect(try Checkpoint(path: snapshots.path(ofStep: 4), for: .inference).model().parameters.count > 0)
        #expect(
            throws: TinyGPTError.self,
            performing: {
                _ = try Checkpoint(path: snapshots.path(ofStep: 4), for: .training)
                    .trainer(tokens: Self.corpus().0.train, settings: Self.settings)
            })
    }

    @Test("A resumed run drops those after its checkpoint and keeps all that an undisturbed one does")
    func resumed() throws {
        var steps = 0
        _ = try begin().run(shouldStop: { steps >= 5 }) { if case .step = $0 { steps += 1 } }
        #expect(snapshots.steps == [0, 2, 4])
        // Of a process that went on and was killed before its checkpoint; what it was writing; and a file of the user's.
        let (later, mine) = (snapshots.path(ofStep: 6), folder["run/snapshots/step-6.txt"])
        try FileManager.default.copyItem(atPath: snapshots.path(ofStep: 4), toPath: later)
        try folder.write("run/snapshots/.tinygpt-\(getpid())-a.tmp", "half")
        try folder.write("run/snapshots/step-6.txt", "mine")
        let lock = try RunLock(run)
        defer { withExtendedLifetime(lock) {} }
        let second = try resume()
        #expect(snapshots.steps == [0, 2, 4])
        _ = try second.run { _ in }
        #expect(snapshots.steps == [0, 2, 4, 6, 7])
        for step in snapshots.steps { #expect(try kept(step) == weights(after: step)) }
        let names = try FileManager.default.contentsOfDirectory(atPath: run.snapshotsPath)
        #expect(names.count == 6 && FileStatus.type(at: mine) != nil)
    }

    @Test("A run that was killed between its checkpoint and the weights writes them when it is resumed")
    func killed() throws {
        struct Kill: Error {}
        #expect(throws: Kill.self) {
            _ = try begin().run { if case .validated(4, _, _, _) = $0 { throw Kill() } }
        }
        try FileManager.default.removeItem(atPath: snapshots.path(ofStep: 4))
        _ = try resume().run { _ in }
        #expect(snapshots.steps == [0, 2, 4, 6, 7])
        #expect(try kept(4) == weights(after: 4))
    }

    @Test("Where they cannot be written the training goes on to the same bits, and each is reported")
    func unwritable() throws {
        let training = try begin()
        try folder.write("run/snapshots", "a file")
        var failures: [Int] = []
        _ = try training.run {
            guard case .snapshotFailed(let step, let reason) = $0 else { return }
            failures.append(step)
            #expect(reason.contains("snapshots"))
        }
        #expect(failures == [0, 2, 4, 6, 7])
        #expect(try Self.weights(training.trainer) == weights(after: 7))
        #expect(snapshots.steps == [])
        #expect(try String(contentsOfFile: run.snapshotsPath, encoding: .utf8) == "a file")
    }

    @Test("A snapshot that was cut short, changed, or is of another step or model is refused by its name")
    func damaged() throws {
        _ = try begin().run { _ in }
        let path = snapshots.path(ofStep: 4)
        let whole = try Array(Data(contentsOf: URL(filePath: path)))
        func problem(_ checkpoint: Checkpoint? = nil) throws -> String {
            let checkpoint = try checkpoint ?? last()
            let error = userError { _ = try snapshots.model(ofStep: 4, for: checkpoint) }
            #expect(error?.kind == .badData || error?.kind == .missingInput)
            #expect(error?.description.contains("step-4.safetensors") == true)
            return error?.description ?? "taken"
        }
        for count in [0, 7, 100, whole.count / 2, whole.count - 1] {
            try folder.write("run/snapshots/step-4.safetensors", Array(whole.prefix(count)))
            #expect(try problem().contains("safetensors file"))
        }
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: snapshots.path(ofStep: 2), toPath: path)
        #expect(try problem().contains("is of step 2, expected 4"))
        var other = try last()
        other.configuration.heads = 1
        #expect(try problem(other).contains("another model"))
        try FileManager.default.removeItem(atPath: path)
        _ = try problem()
    }
}
