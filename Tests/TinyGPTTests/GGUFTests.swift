import Foundation
import Testing

@testable import TinyGPT

/// What llama.cpp makes of these files is checked by `scripts/check-with-llama-cpp.sh`.
@Suite("Files for llama.cpp", .timeLimit(.minutes(1)))
struct GGUFTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "A model that is exported and imported is the same to the bit, also where tokens for lead bytes were added",
        arguments: ModelKind.all, [ExportedModel.plain, ExportedModel.odd])
    func roundTrip(kind: ModelKind, text: String) throws {
        let checkpoint = try ExportedModel.checkpoint(kind, text: text)
        try GGUFExport.write(checkpoint.model(), of: checkpoint, to: folder["model"])
        try ExportedModel.expectSame(GGUFImport.read(folder["model"]), checkpoint)
    }

    @Test(
        "Rounded weights come back as rounded, near the original", arguments: ModelKind.each,
        [GGUFExport.WeightType.f16, .bf16, .q8_0])
    func rounded(kind: ModelKind, type: GGUFExport.WeightType) throws {
        let checkpoint = try ExportedModel.checkpoint(kind, text: ExportedModel.plain)
        try GGUFExport.write(checkpoint.model(), of: checkpoint, to: folder["model"], type: type)
        let (model, _) = try GGUFImport.read(folder["model"])
        for (read, original) in zip(model.parameters, try checkpoint.model().parameters) {
            let values = original.tensor.values
            let largest = values.reduce(0) { max($0, $1.magnitude) }
            let isNear = zip(read.tensor.values, values).allSatisfy { abs($0 - $1) <= largest / 200 }
            #expect(isNear, "\(original.name)")
        }
    }

    @Test(
        "Tokens for lead bytes leave the logits of characters of a classic model as they are, and have low ones",
        arguments: [false, true])
    func neverWritten(bias: Bool) throws {
        let checkpoint = try ExportedModel.checkpoint(ModelKind(bias: bias))
        let original = try checkpoint.model()
        try GGUFExport.write(original, of: checkpoint, to: folder["model"])
        let file = try GGUFReader.read(folder["model"])
        var configuration = original.configuration
        let characters = configuration.vocabulary
        configuration.vocabulary = try #require(file.tensors["output.weight"]).shape[0]
        #expect(configuration.vocabulary == characters + 3)
        let wider = try GGUFFormat.gpt2.layout.model(configuration, ImportedTensors(file.tensors, path: "model"))
        let tokens: [Int32] = [0, 3, 1, 5, 2]
        let (ours, theirs) = (original(tokens, batch: 1, .inference).values, wider(tokens, batch: 1, .inference).values)
        for position in tokens.indices {
            let logits = theirs[(position * configuration.vocabulary)...].prefix(configuration.vocabulary)
            let expected = ours[(position * characters)...].prefix(characters)
            #expect(zip(logits, expected).allSatisfy { abs($0 - $1) < 1e-4 })
            #expect(logits.suffix(3).allSatisfy { abs($0 + 30) < 1e-2 })
        }
    }

    @Test(
        "What is too large for a half is written as the largest, not as infinity",
        arguments: [65504, 65520, 1e6, -1e6] as [Float])
    func largeHalves(value: Float) {
        let written = GGUFTensorType.f16.decode(GGUFTensorType.f16.encode([value, 0.1]))
        #expect(written == [value < 0 ? -65504 : 65504, 0x1.998p-4])
    }

    @Test("Of 32 values the largest becomes 127, and halves are rounded away from zero")
    func eightBits() {
        var values = [Float](repeating: 0, count: 32)
        (values[0], values[1], values[2], values[3]) = (127, 2.5, -2.5, 0.25)
        let bytes = GGUFTensorType.q8_0.encode(values)
        #expect(bytes.count == 34 && bytes[0...1] == [0x00, 0x3c])
        #expect(bytes[2..<6].map { Int8(bitPattern: $0) } == [127, 3, -3, 0])
        #expect(GGUFTensorType.q8_0.decode(bytes)[..<4] == [127, 3, -3, 0])
        #expect(GGUFTensorType.q8_0.encode([Float](repeating: 0, count: 32)) == [UInt8](repeating: 0, count: 34))
    }

    @Test(
        "A character is written as its tokenizer reads it, and back",
        arguments: [
            ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r"), ("\\", "\\\\"), ("\0", "\\x00"), ("\u{1B}", "\\x1b"),
            ("\u{7F}", "\\x7f"),
            ("a", "a"), (" ", " "), ("\u{301}", "\u{301}"), ("\u{1F600}", "\u{1F600}"),
        ] as [(Unicode.Scalar, String)])
    func words(character: Unicode.Scalar, word: String) {
        #expect(GGUFVocabulary.word(character).unicodeScalars.elementsEqual(word.unicodeScalars))
        #expect(GGUFVocabulary.character(word) == character)
    }

    @Test(
        "What is no character is refused as a word",
        arguments: ["", "ab", "\\", "\\x", "\\x8", "\\x80", "\\q", "\\xg0", "e\u{301}"])
    func noWords(word: String) { #expect(GGUFVocabulary.character(word) == nil) }

    @Test("Tables have no place in the file, and a file that is there is left alone")
    func refusals() throws {
        let tables = try ExportedModel.checkpoint(ModelKind(architecture: .modern, tables: .bigram), text: "ab")
        #expect(throws: TinyGPTError.tablesCannotBeExported) {
            try GGUFExport.write(tables.model(), of: tables, to: folder["tables"])
        }
        try folder.write("mine", "mine")
        let checkpoint = try ExportedModel.checkpoint(.classic)
        let error = userError { try GGUFExport.write(checkpoint.model(), of: checkpoint, to: folder["mine"]) }
        #expect(error?.kind == .cannotCreate)
        #expect(try folder.contents() == ["mine"])
    }

    /// The error of importing an export in which some bytes were replaced by as many others.
    private func problem(_ kind: ModelKind, _ change: (inout [UInt8]) throws -> Void) throws -> String {
        let (checkpoint, path) = (try ExportedModel.checkpoint(kind), folder["model-\(UUID().uuidString)"])
        try GGUFExport.write(checkpoint.model(), of: checkpoint, to: path)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        try change(&bytes)
        let error = userError { _ = try GGUFImport.read(try folder.write("changed", bytes)) }
        #expect(error?.kind == .badData)
        return error?.description ?? "none"
    }

    /// The place after a text in the bytes.
    private static func place(after text: String, in bytes: [UInt8]) throws -> Int {
        try #require(bytes.firstRange(of: Array(text.utf8))).upperBound
    }

    @Test("A file that is cut off, goes on or claims what cannot be is refused")
    func damage() throws {
        #expect(try problem(.classic) { $0 = [] }.contains("does not begin with 'GGUF'"))
        #expect(try problem(.classic) { $0[4] = 2 }.contains("expected version 3, got 2"))
        #expect(try problem(.classic) { $0.removeLast() }.contains("cut off"))
        #expect(try problem(.classic) { $0.append(0) }.contains("data follows the last tensor"))
        #expect(try problem(.classic) { $0.removeLast($0.count - 100) }.contains("cut off"))
        for place in [8, 16] {
            #expect(try problem(.classic) { $0[place + 7] = 0x7f }.contains("it claims"))
        }
    }

    @Test(
        "Keys that describe another model are refused, before tables of their sizes are made",
        arguments: [
            ("general.architecture", 12, 0x78, "expected the architecture gpt2 or qwen3, got 'xpt2'"),
            ("gpt2.context_length", 4, 0xff, "wpe|position_embd"),
            ("gpt2.block_count", 4, 1, "does not account for"), ("gpt2.attention.head_count", 4, 3, "not divisible"),
            ("gpt2.embedding_length", 4, 9, "'gpt2.embedding_length' is 9, expected 8"),
            ("tinygpt.width", 4, 16, "cannot be imported"),
            ("gpt2.attention.layer_norm_epsilon", 7, 0x40, "epsilon' is 2.62144, expected 1e-05"),
            ("tokenizer.ggml.model", 12, 0x78, "it has 'xwkv'"),
            ("tokenizer.ggml.token_type", 16, 2, "tokens of other types"),
            ("general.alignment", 4, 64, "expected an alignment of 32, got 64"),
        ])
    func otherModels(key: String, offset: Int, byte: UInt8, message: String) throws {
        let found = try problem(.classic) { $0[try Self.place(after: key, in: $0) + offset] = byte }
        #expect(message.split(separator: "|").contains { found.contains($0) }, "\(key): \(found)")
    }
}
