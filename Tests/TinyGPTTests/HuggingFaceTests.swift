import Foundation
import Testing

@testable import TinyGPT

@Suite("Folders for transformers")
struct HuggingFaceTests {
    private static func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("tinygpt-\(UUID().uuidString)").path
    }

    /// A checkpoint of a model that has not been trained, with characters that tokenizers like to change, and two (K and
    /// the Kelvin sign) that Unicode holds to be one.
    private static func checkpoint(bias: Bool, tied: Bool) throws -> Checkpoint {
        let vocabulary = Vocabulary(text: "a b\r\nK\u{212A}c\u{301}\u{1F600}<>\"\\".unicodeScalars)
        let configuration = GPT.Configuration(
            vocabulary: vocabulary.count, layers: 2, heads: 2, width: 8, context: 6, dropout: 0.1, bias: bias,
            tied: tied)
        let model = try GPT(configuration, seed: 4)
        for parameter in model.parameters where bias && parameter.name.hasSuffix("bias") {
            parameter.tensor.buffer[0] = 0.5
        }
        return Checkpoint(
            model, AdamW(model.parameters), vocabulary: vocabulary, settings: Preset.cpu.settings, progress: .init(),
            data: .init(sha256: "", files: []))
    }

    @Test("A model that is exported and imported is the same to the bit", arguments: [false, true], [false, true])
    func roundTrip(bias: Bool, tied: Bool) throws {
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let checkpoint = try Self.checkpoint(bias: bias, tied: tied)
        try HuggingFaceExport.write(checkpoint, to: path)
        let (model, vocabulary) = try HuggingFaceImport.read(path)
        let original = try checkpoint.model()
        #expect(vocabulary == checkpoint.vocabulary)
        #expect(model.configuration == original.configuration)
        #expect(model.parameters.map(\.name) == original.parameters.map(\.name))
        #expect(model.parameters.map(\.tensor.values) == original.parameters.map(\.tensor.values))
    }

    @Test("Positions that were trained are refused, and a folder that is there is left alone")
    func refusals() throws {
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let checkpoint = try Self.checkpoint(bias: false, tied: false)
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
        try HuggingFaceExport.write(try Self.checkpoint(bias: false, tied: false), to: path)
        let file = path + "/config.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try AtomicFile.write(text.replacing("\"n_positions\" : 6", with: "\"n_positions\" : \(positions)"), to: file)
        let error = #expect(throws: TinyGPTError.self) { _ = try HuggingFaceImport.read(path) }
        #expect(error?.kind == .badData)
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
        let path = Self.temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try HuggingFaceExport.write(try Self.checkpoint(bias: true, tied: false), to: path)
        let file = path + "/config.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try #require(text.contains(old))
        try AtomicFile.write(text.replacing(old, with: new), to: file)
        let error = #expect(throws: TinyGPTError.self) { _ = try HuggingFaceImport.read(path) }
        #expect(error?.kind == .badData)
    }
}
