import Foundation
import Testing

@testable import TinyGPT

@Suite("Training in a run folder")
struct TrainingRunTests: TinyTraining {
    @Test(
        "A run that was stopped and resumed, and validated more often, ends with the same bits and no step twice",
        arguments: ModelKind.eachAndTables)
    func resume(kind: ModelKind) throws {
        let (whole, parts) = (Self.temporaryFolder(), Self.temporaryFolder())
        defer { for path in [whole, parts] { try? FileManager.default.removeItem(atPath: path) } }
        let uninterrupted = try Self.run(in: whole, Self.settings(steps: 12, kind), kind)
        _ = try uninterrupted.run { _ in }

        let first = try Self.run(in: parts, Self.settings(steps: 12, evaluateEvery: 2, kind), kind)
        var steps = 0
        #expect(try first.run(shouldStop: { steps >= 5 }) { if case .step = $0 { steps += 1 } } == nil)
        let folder = RunFolder(path: parts)
        let (corpus, _) = try Self.corpus()
        let second = try TrainingRun(
            resuming: folder, from: try Checkpoint(path: folder.lastCheckpointPath, for: .training), corpus: corpus,
            settings: Self.settings(steps: 12, evaluateEvery: 3, kind))
        #expect(second.progress.step == 5)
        _ = try second.run { _ in }
        #expect(Self.weights(second.trainer) == Self.weights(uninterrupted.trainer))

        let rows = try MetricsLog.read(folder.metricsPath)
        #expect(rows.filter { $0.split == .train }.map(\.step) == Array(1...12))
        #expect(rows.filter { $0.split == .validation }.map(\.step) == [0, 2, 4, 6, 9, 12])
        #expect(FileManager.default.fileExists(atPath: folder.samplesPath))
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

    @Test("Settings that are out of range are refused before a run begins or is resumed")
    func invalidSettings() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = TinyGPTError.invalidSettings(problem: "evaluateEvery 0, expected 1 to 1000000000")
        #expect(error.kind == .usage && error.description.hasPrefix("invalid training settings: evaluateEvery 0"))
        #expect(throws: error) { _ = try Self.run(in: path, Self.settings(steps: 1, evaluateEvery: 0)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
        _ = try Self.run(in: path, Self.settings(steps: 1)).run { _ in }
        let folder = RunFolder(path: path)
        #expect(throws: error) {
            _ = try TrainingRun(
                resuming: folder, from: try Checkpoint(path: folder.lastCheckpointPath, for: .training),
                corpus: try Self.corpus().0, settings: Self.settings(steps: 2, evaluateEvery: 0))
        }
    }

    @Test("An error of the report ends the run, whichever event it is about")
    func failingReport() throws {
        struct Stop: Error {}
        for number in 0..<3 {
            let path = Self.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: path) }
            #expect(throws: Stop.self) {
                _ = try Self.run(in: path, Self.settings(steps: 1)).run { event in
                    switch event {
                    case .validating: if number == 0 { throw Stop() }
                    case .validated: if number == 1 { throw Stop() }
                    case .step: if number == 2 { throw Stop() }
                    }
                }
            }
        }
    }
}
