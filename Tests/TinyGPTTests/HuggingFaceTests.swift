import Foundation
import Testing

@testable import TinyGPT

@Suite("Folders for transformers")
struct HuggingFaceTests {
    private static func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("tinygpt-\(UUID().uuidString)").path
    }

    @Test("A model that is exported and imported is the same to the bit", arguments: ModelKind.all)
    func roundTrip(kind: ModelKind) throws {
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let checkpoint = try ExportedModel.checkpoint(kind)
        try HuggingFaceExport.write(checkpoint, to: path)
        try ExportedModel.expectSame(HuggingFaceImport.read(path), checkpoint)
    }

    @Test("The causal masks that older versions of transformers stored are left out, and are no biases")
    func masks() throws {
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let checkpoint = try ExportedModel.checkpoint(.classic)
        try HuggingFaceExport.write(checkpoint, to: path)
        let weights = path + "/model.safetensors"
        var contents = try Safetensors.read(from: weights)
        contents.tensors["transformer.h.0.attn.bias"] = .init(shape: [1, 1, 2, 2], values: [1, 0, 1, 1])
        contents.tensors["transformer.h.0.attn.masked_bias"] = .init(shape: [1], values: [-10000])
        try contents.write(to: weights)
        try ExportedModel.expectSame(HuggingFaceImport.read(path), checkpoint)
        contents.tensors["transformer.h.0.attn.other"] = .init(shape: [1], values: [1])
        try contents.write(to: weights)
        let error = #expect(throws: TinyGPTError.self) { _ = try HuggingFaceImport.read(path) }
        #expect(error?.description.contains("'transformer.h.0.attn.other'") == true)
    }

    @Test("Positions that were trained are refused, and a folder that is there is left alone")
    func refusals() throws {
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let checkpoint = try ExportedModel.checkpoint(.classic)
        try HuggingFaceExport.write(checkpoint, to: path)
        let existing = #expect(throws: TinyGPTError.self) { try HuggingFaceExport.write(checkpoint, to: path) }
        #expect(existing?.kind == .cannotCreate)

        let weights = path + "/model.safetensors"
        var contents = try Safetensors.read(from: weights)
        contents.tensors["transformer.wpe.weight"]?.values[3] += 0.1
        try contents.write(to: weights)
        let error = #expect(throws: TinyGPTError.self) { _ = try HuggingFaceImport.read(path) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("not the scaled sinusoids") == true)
    }

    @Test(
        "Sizes far beyond the file's are refused before a table of them is computed", .timeLimit(.minutes(1)),
        arguments: ["2305843009213693952", "2000000"])
    func hugeContext(positions: String) throws {
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try HuggingFaceExport.write(try ExportedModel.checkpoint(.classic), to: path)
        let file = path + "/config.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try AtomicFile.write(text.replacing("\"n_positions\" : 6", with: "\"n_positions\" : \(positions)"), to: file)
        let error = #expect(throws: TinyGPTError.self) { _ = try HuggingFaceImport.read(path) }
        #expect(error?.kind == .badData)
    }

    @Test("A missing tensor is found before positions are computed", arguments: [ModelKind.classic, .modern])
    func missingTensor(kind: ModelKind) throws {
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try HuggingFaceExport.write(try ExportedModel.checkpoint(kind), to: path)
        let isModern = kind.architecture == .modern
        let sizes =
            isModern
            ? [("hidden_size", 8, 2048), ("intermediate_size", 32, 5472), ("max_position_embeddings", 6, 65536)]
            : [("n_embd", 8, 2048), ("n_positions", 6, 65536)]
        let file = path + "/config.json"
        var text = try String(contentsOfFile: file, encoding: .utf8)
        for (name, old, new) in sizes + (isModern ? [("head_dim", 4, 1024)] : []) {
            try #require(text.contains("\"\(name)\" : \(old)"))
            text = text.replacing("\"\(name)\" : \(old)", with: "\"\(name)\" : \(new)")
        }
        try AtomicFile.write(text, to: file)
        let weights = path + "/model.safetensors"
        var contents = try Safetensors.read(from: weights)
        let embedding = isModern ? "model.embed_tokens.weight" : "transformer.wte.weight"
        let vocabulary = try #require(contents.tensors[embedding]).shape[0]
        contents.tensors = [
            embedding: .init(
                shape: [vocabulary, 2048], values: [Float](repeating: 0.5, count: vocabulary * 2048))
        ]
        try contents.write(to: weights)
        let start = ContinuousClock.now
        let error = #expect(throws: TinyGPTError.self) { _ = try HuggingFaceImport.read(path) }
        #expect(error?.description.contains("lacks the tensor") == true)
        // The table of 65,536 positions, with a sine for each of 67 or 134 million channels, takes seconds.
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    /// The error of importing an export in whose configuration a text was replaced.
    private static func refusal(_ kind: ModelKind, _ old: String, _ new: String) throws -> TinyGPTError? {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try HuggingFaceExport.write(try ExportedModel.checkpoint(kind), to: path)
        let file = path + "/config.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try #require(text.contains(old))
        try AtomicFile.write(text.replacing(old, with: new), to: file)
        return #expect(throws: TinyGPTError.self) { _ = try HuggingFaceImport.read(path) }
    }

    @Test("A refused value is shown as it stands in the file: a text that looks like a number has quotes")
    func refusedText() throws {
        let error = try Self.refusal(ModelKind(bias: true), "\"n_head\" : 2", "\"n_head\" : \"2\"")
        #expect(error?.description.contains("'n_head' is \"2\", expected a whole number from 1 to 64") == true)
    }

    @Test(
        "A configuration that leaves out layers or the output head, or has values of another type, is refused",
        arguments: [
            ("\"n_layer\" : 2", "\"n_layer\" : 1"),
            ("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true"),
            ("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : \"no\""),
            ("\"layer_norm_epsilon\" : 1", "\"layer_norm_epsilon\" : [], \"x\" : 1"),
            ("\"n_embd\" : 8", "\"n_embd\" : 4611686018427387904"),
        ])
    func misfit(old: String, new: String) throws {
        #expect(try Self.refusal(ModelKind(bias: true), old, new)?.kind == .badData)
    }

    @Test(
        "A Qwen3 that cannot be represented here is refused",
        arguments: [
            ("\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : 1"),
            ("\"tie_word_embeddings\" : false", "\"tie_word_embeddings\" : true"),
            ("\"num_key_value_heads\" : 2", "\"num_key_value_heads\" : 1"),
            ("\"head_dim\" : 4", "\"head_dim\" : 8"), ("\"intermediate_size\" : 32", "\"intermediate_size\" : 16"),
            ("\"rope_theta\" : 10000", "\"rope_theta\" : 1000000"),
            ("\"rope_theta\" : 10000", "\"rope_parameters\" : {\"rope_theta\" : 1000000}"),
            ("\"rope_theta\" : 10000", "\"rope_parameters\" : {\"rope_type\" : \"yarn\"}"),
            ("\"rope_theta\" : 10000", "\"rope_scaling\" : {\"type\" : \"linear\"}"),
            ("\"rms_norm_eps\" : 1", "\"rms_norm_eps\" : 2"), ("\"silu\"", "\"gelu\""),
            ("\"attention_bias\" : false", "\"attention_bias\" : true"),
            ("\"max_position_embeddings\" : 6", "\"max_position_embeddings\" : 2000000"),
            ("\"hidden_size\" : 8", "\"hidden_size\" : 4611686018427387904"),
        ])
    func otherQwen(old: String, new: String) throws {
        #expect(try Self.refusal(.modern, old, new)?.kind == .badData)
    }
}
