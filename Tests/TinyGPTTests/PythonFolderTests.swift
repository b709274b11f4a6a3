import Foundation
import Testing

@testable import TinyGPT

/// What Python makes of these folders is checked by `scripts/check-with-pytorch.sh`.
@Suite("Folders for PyTorch and nanoGPT")
struct PythonFolderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "A model that is exported for PyTorch and imported is the same to the bit",
        arguments: ModelKind.all + [ModelKind(architecture: .modern, tables: .trigram)])
    func pytorch(kind: ModelKind) throws {
        let checkpoint = try ExportedModel.checkpoint(kind)
        try PyTorchFolder.write(checkpoint.model(), of: checkpoint, to: folder["model"])
        try ExportedModel.expectSame(PyTorchFolder.read(folder["model"]), checkpoint)
        #expect(try folder.contents() == ["model"])
    }

    @Test("A model that is exported for nanoGPT and imported is the same to the bit", arguments: [false, true])
    func nanoGPT(bias: Bool) throws {
        let checkpoint = try ExportedModel.checkpoint(ModelKind(bias: bias, tied: true))
        try NanoGPTFolder.write(checkpoint.model(), of: checkpoint, to: folder["model"])
        try ExportedModel.expectSame(NanoGPTFolder.read(folder["model"]), checkpoint)
    }

    @Test(
        "A model that nanoGPT has no class for is refused, with the reason",
        arguments: [
            (ModelKind.classic, "embedding"), (ModelKind(architecture: .modern, tied: true), "modern"),
            (ModelKind(tied: true, tables: .bigram), "n-grams"),
        ])
    func notForNanoGPT(kind: ModelKind, reason: String) throws {
        let checkpoint = try ExportedModel.checkpoint(kind)
        let error = userError { try NanoGPTFolder.write(checkpoint.model(), of: checkpoint, to: folder["model"]) }
        #expect(error?.kind == .usage && error?.description.contains(reason) == true)
        #expect(try folder.contents() == [])
        try PyTorchFolder.write(checkpoint.model(), of: checkpoint, to: folder["model"])
        #expect(userError { _ = try NanoGPTFolder.read(folder["model"]) }?.kind == .badData)
    }

    @Test("Positions that nanoGPT has trained are refused")
    func trainedPositions() throws {
        let checkpoint = try ExportedModel.checkpoint(ModelKind(tied: true))
        try NanoGPTFolder.write(checkpoint.model(), of: checkpoint, to: folder["model"])
        var contents = try Safetensors.read(from: folder["model/model.safetensors"])
        contents.tensors["transformer.wpe.weight"]?.values[3] += 0.1
        try contents.write(to: folder["model/model.safetensors"])
        let error = userError { _ = try NanoGPTFolder.read(folder["model"]) }
        #expect(error?.kind == .badData && error?.description.contains("not the scaled sinusoids") == true)
    }

    @Test(
        "A description of another model is refused",
        arguments: [
            ("\"layers\" : 2", "\"layers\" : 1", "does not account for"),
            ("\"layers\" : 2", "\"layers\" : 65", "from 1 to 64"),
            ("\"vocabulary\" : 5", "\"vocabulary\" : 6", "its vocabulary 5"), ("\\n a", "\\na ", "ascending order"),
            ("\"width\" : 8", "\"width\" : 16", "of shape"), ("\"tied\"", "\"tide\"", "tied"),
        ])
    func otherModel(old: String, new: String, message: String) throws {
        let checkpoint = try ExportedModel.checkpoint(.classic, text: ExportedModel.plain)
        try PyTorchFolder.write(checkpoint.model(), of: checkpoint, to: folder["model"])
        let text = try String(contentsOfFile: folder["model/config.json"], encoding: .utf8)
        try #require(text.contains(old))
        try folder.write("model/config.json", text.replacingOccurrences(of: old, with: new))
        let error = userError { _ = try PyTorchFolder.read(folder["model"]) }
        #expect(
            error?.kind == .badData && error?.description.contains(message) == true, "\(error?.description ?? "none")")
    }
}
