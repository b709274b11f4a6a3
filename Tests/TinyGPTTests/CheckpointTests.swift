import Foundation
import Testing

@testable import TinyGPT

@Suite("Checkpoints")
struct CheckpointTests: TinyTraining {
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
        #expect(notFinite?.description.contains("not finite") == true)
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

    @Test("A model that was taken from a checkpoint is the same, and the checkpoint keeps only its description")
    func takenModel() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = try Self.run(in: path, Self.settings(steps: 1))
        _ = try run.run { _ in }
        var checkpoint = try Checkpoint(path: run.folder.lastCheckpointPath, for: .inference)
        let model = try checkpoint.takeModel()
        #expect(model.parameters.map(\.tensor.values) == Self.weights(run.trainer))
        #expect(checkpoint.vocabulary == Vocabulary(text: Self.text) && checkpoint.progress.step == 1)
        #expect(throws: TinyGPTError.self) { _ = try checkpoint.model() }
        checkpoint = try Checkpoint(path: run.folder.lastCheckpointPath, for: .inference)
        checkpoint.configuration.layers -= 1
        let error = #expect(throws: TinyGPTError.self) { _ = try checkpoint.takeModel() }
        #expect(error?.description.contains("its configuration does not account for 'blocks.1.") == true)
    }

    @Test("The checkpoint of an untrained model has the bytes of one with an optimizer that has made no step")
    func untrained() throws {
        let path = Self.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let trainer = try Self.trainer(Self.settings(steps: 3))
        let (vocabulary, data) = (Vocabulary(text: Self.text), Checkpoint.DataDescription(sha256: "", files: []))
        try Checkpoint(
            trainer.model, trainer.optimizer, vocabulary: vocabulary, settings: trainer.settings, progress: .init(),
            data: data
        ).write(to: path + "/with")
        try Checkpoint(untrained: trainer.model, vocabulary: vocabulary, settings: trainer.settings, data: data)
            .write(to: path + "/without")
        #expect(FileManager.default.contentsEqual(atPath: path + "/with", andPath: path + "/without"))
        let resumed = try Checkpoint(path: path + "/without", for: .training)
            .trainer(tokens: try Self.corpus().0.train, settings: trainer.settings)
        #expect(try resumed.step() == trainer.step())
    }
}
