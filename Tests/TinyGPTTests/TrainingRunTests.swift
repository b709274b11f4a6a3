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
        #expect(try first.run(shouldStop: { steps >= 5 }) { if case .step = $0 { steps += 1 } } == .stopped)
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

    @Test(
        "A run that ends within a validation repeats it and nothing else, and ends with the same bits",
        arguments: [0, 1, 2])
    func interruptedValidation(place: Int) throws {
        struct Kill: Error {}
        let (whole, parts) = (Self.temporaryFolder(), Self.temporaryFolder())
        defer { for path in [whole, parts] { try? FileManager.default.removeItem(atPath: path) } }
        let settings = Self.settings(steps: 6, evaluateEvery: 2)
        let uninterrupted = try Self.run(in: whole, settings)
        _ = try uninterrupted.run { _ in }

        let first = try Self.run(in: parts, settings)
        #expect(throws: Kill.self) {
            _ = try first.run { event in
                // Before the validation of step 4, in its middle, or one step after it without a checkpoint.
                switch event {
                case .step(let report, _) where report.step == (place == 2 ? 5 : 4): if place != 1 { throw Kill() }
                case .validating: if place == 1, first.progress.step == 4 { throw Kill() }
                default: break
                }
            }
        }
        let folder = RunFolder(path: parts)
        // What the killed process may still have written.
        if place == 1 {
            let log = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.metricsPath))
            try log.seekToEnd()
            try log.write(contentsOf: Data("4,val,3.5,,,,0.1\n".utf8))
            try log.close()
        }
        let checkpoint = try Checkpoint(path: folder.lastCheckpointPath, for: .training)
        #expect(checkpoint.progress.step == [2, 4, 4][place])
        #expect(checkpoint.progress.isValidationPending == (place == 1 ? true : nil))
        let second = try TrainingRun(resuming: folder, from: checkpoint, corpus: Self.corpus().0, settings: settings)
        _ = try second.run { _ in }
        #expect(Self.weights(second.trainer) == Self.weights(uninterrupted.trainer))
        let rows = try MetricsLog.read(folder.metricsPath).map { ($0.step, $0.split, $0.loss) }
        let expected = try MetricsLog.read(RunFolder(path: whole).metricsPath).map { ($0.step, $0.split, $0.loss) }
        #expect(rows.elementsEqual(expected, by: ==))
        #expect(
            try String(contentsOfFile: folder.samplesPath, encoding: .utf8)
                == String(contentsOfFile: RunFolder(path: whole).samplesPath, encoding: .utf8))
    }

    @Test(
        "An imported model killed within its first validation makes it again, whether its sample was written or not",
        arguments: [false, true])
    func interruptedFirstValidation(hasSample: Bool) throws {
        struct Kill: Error {}
        let (whole, parts) = (Self.temporaryFolder(), Self.temporaryFolder())
        defer { for path in [whole, parts] { try? FileManager.default.removeItem(atPath: path) } }
        let settings = Self.settings(steps: 2, evaluateEvery: 2)
        func importModel(into path: String) throws -> RunFolder {
            let folder = try RunFolder.create(at: path)
            let trainer = try Self.trainer(settings)
            try Checkpoint(
                trainer.model, trainer.optimizer, vocabulary: Self.corpus().1, settings: settings, progress: .init(),
                data: .init(sha256: "", files: [])
            ).write(to: folder.lastCheckpointPath)
            return folder
        }
        func resume(_ folder: RunFolder, _ report: (TrainingRun.Event) throws -> Void = { _ in }) throws {
            let checkpoint = try Checkpoint(path: folder.lastCheckpointPath, for: .training)
            _ = try TrainingRun(resuming: folder, from: checkpoint, corpus: Self.corpus().0, settings: settings)
                .run(report: report)
        }
        let (uninterrupted, killed) = (try importModel(into: whole), try importModel(into: parts))
        try resume(uninterrupted)

        let state = try Data(contentsOf: URL(fileURLWithPath: killed.lastCheckpointPath))
        #expect(throws: Kill.self) { try resume(killed) { if case .validated = $0 { throw Kill() } } }
        // As it was before the first validation's checkpoints.
        try state.write(to: URL(fileURLWithPath: killed.lastCheckpointPath))
        try FileManager.default.removeItem(atPath: killed.bestCheckpointPath)
        if !hasSample { try FileManager.default.removeItem(atPath: killed.samplesPath) }
        try resume(killed)
        let rows = try [uninterrupted, killed].map {
            try MetricsLog.read($0.metricsPath).map { [Double($0.step), $0.loss] }
        }
        #expect(rows[0].count == 4 && rows[0] == rows[1])
        #expect(
            try String(contentsOfFile: killed.samplesPath, encoding: .utf8)
                == String(contentsOfFile: uninterrupted.samplesPath, encoding: .utf8))
    }

    @Test("Changed steps are saved with the step at which they change")
    func savedSteps() throws {
        struct Kill: Error {}
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var settings = Self.settings(steps: 20)
        settings.schedule.shape = .linear
        let run = try Self.run(in: path, settings)
        #expect(throws: Kill.self) {
            _ = try run.run { event in
                if case .step(let report, _) = event, report.step == 5 { run.changeSteps(to: 30) }
                if case .step(let report, _) = event, report.step == 6 { throw Kill() }
            }
        }
        let checkpoint = try Checkpoint(path: run.folder.lastCheckpointPath, for: .training)
        #expect((checkpoint.progress.step, checkpoint.settings.steps) == (5, 30))
    }

    @Test("A run whose steps are changed before the learning rate falls is the one that has them from its beginning")
    func changedSteps() throws {
        let (whole, changed) = (Self.temporaryFolder(), Self.temporaryFolder())
        defer { for path in [whole, changed] { try? FileManager.default.removeItem(atPath: path) } }
        var settings = Self.settings(steps: 20, evaluateEvery: 4)
        settings.schedule = .init(peak: 1e-2, minimum: 0, warmup: 2, shape: .linear, cooldown: 0.5)
        let first = try Self.run(in: changed, settings)
        _ = try first.run { event in
            // Twice, both ways; as late as the half of 13 allows.
            if case .step(let report, _) = event, report.step == 5 { first.changeSteps(to: 30) }
            if case .step(let report, _) = event, report.step == 7 { first.changeSteps(to: 13) }
        }
        settings.steps = 13
        let second = try Self.run(in: whole, settings)
        _ = try second.run { _ in }
        #expect(first.progress.step == 13 && Self.weights(first.trainer) == Self.weights(second.trainer))
        let folders = [first.folder, second.folder]
        #expect(
            try folders.map { try Checkpoint(path: $0.lastCheckpointPath, for: .training).settings } == [
                settings, settings,
            ])
        let rows = try folders.map { try MetricsLog.read($0.metricsPath).map { [Double($0.step), $0.loss] } }
        #expect(rows[0] == rows[1])
    }

    @Test("The state is saved between validations as often as asked for")
    func savedByTime() throws {
        struct Kill: Error {}
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = try Self.run(in: path, Self.settings(steps: 9))
        #expect(throws: Kill.self) {
            _ = try run.run(saveEvery: .zero) { if case .step(let report, _) = $0, report.step == 4 { throw Kill() } }
        }
        #expect(try Checkpoint(path: run.folder.lastCheckpointPath, for: .inference).progress.step == 3)
    }

    @Test("With patience, a training ends after so many validations that are not better, and goes on with more")
    func patience() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        // Nothing is learned.
        var settings = Self.settings(steps: 20, evaluateEvery: 3, rate: 1e-30)
        (settings.schedule.minimum, settings.patience) = (0, 2)
        let run = try Self.run(in: path, settings)
        _ = try run.run { _ in }
        #expect(run.progress.step == 6 && run.progress.bestStep == 0)
        #expect(run.progress.hasLostPatience(settings))
        settings.patience = 4
        let more = try TrainingRun(
            resuming: run.folder, from: Checkpoint(path: run.folder.lastCheckpointPath, for: .training),
            corpus: Self.corpus().0, settings: settings)
        _ = try more.run { _ in }
        #expect(more.progress.step == 12)
        var older = try Checkpoint(path: run.folder.lastCheckpointPath, for: .training)
        #expect(older.progress.validationsSinceBest == 4)
        older.progress.validationsSinceBest = nil
        try older.write(to: path + "/older")
        #expect(try Checkpoint(path: path + "/older", for: .training).progress.validationsSinceBest == 4)
        // Those that were made count, not those that another interval would have made.
        (settings.patience, settings.evaluateEvery) = (5, 1)
        let oneMore = try TrainingRun(
            resuming: run.folder, from: Checkpoint(path: run.folder.lastCheckpointPath, for: .training),
            corpus: Self.corpus().0, settings: settings)
        _ = try oneMore.run { _ in }
        #expect(oneMore.progress.step == 13)
    }

    @Test(
        "Without a validation part there are checkpoints and samples, but no best one, and a resumed run ends the same")
    func wholeText() throws {
        let (whole, parts) = (Self.temporaryFolder(), Self.temporaryFolder())
        defer { for path in [whole, parts] { try? FileManager.default.removeItem(atPath: path) } }
        let vocabulary = Vocabulary(text: Self.text)
        let corpus = try Corpus(
            TokenArray(vocabulary.encode(Self.text)), vocabulary, context: 8, validationFraction: 0)
        #expect(corpus.train.count == Self.text.count && corpus.validation.count == 0)
        var settings = Self.settings(steps: 6, evaluateEvery: 2)
        settings.validationFraction = 0
        func begin(_ path: String) throws -> TrainingRun {
            let model = try Self.trainer(settings).model
            return try TrainingRun(
                in: try RunFolder.create(at: path), Trainer(model, tokens: corpus.train, settings), corpus: corpus,
                vocabulary: vocabulary,
                data: .init(sha256: "0", files: []))
        }
        let uninterrupted = try begin(whole)
        #expect(try uninterrupted.run { _ in } == .completed(nil))
        let first = try begin(parts)
        #expect(try first.run(shouldStop: { first.progress.step == 3 }) { _ in } == .stopped)
        let second = try TrainingRun(
            resuming: first.folder, from: Checkpoint(path: first.folder.lastCheckpointPath, for: .training),
            corpus: corpus, settings: settings)
        _ = try second.run { _ in }
        #expect(Self.weights(second.trainer) == Self.weights(uninterrupted.trainer))
        #expect(!second.folder.hasBestCheckpoint)
        #expect(
            try String(contentsOfFile: second.folder.samplesPath, encoding: .utf8).contains(
                "--- step 4, no validation ---"))
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
                    case .pageFailed, .snapshotFailed: break
                    }
                }
            }
        }
    }
}
