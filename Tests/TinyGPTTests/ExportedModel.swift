import Testing

@testable import TinyGPT

/// Models to be exported.
enum ExportedModel {
    /// Characters that tokenizers like to change, and two (K and the Kelvin sign) that Unicode holds to be one.
    static let odd = "a b\r\nK\u{212A}c\u{301}\u{1F600}<>\"\\\t\0\u{7F}"
    static let plain = "ab c\n"

    /// A checkpoint of a model that has not been trained, but whose weights are as large as if.
    static func checkpoint(_ kind: ModelKind, text: String = odd) throws -> Checkpoint {
        let vocabulary = Vocabulary(text: text.unicodeScalars)
        let configuration = kind.configuration(vocabulary: vocabulary.count, context: 6, dropout: 0.1)
        let model = try ModelKind.strongModel(configuration, seed: 4)
        return Checkpoint(
            model, Optimizer(model.parameters), vocabulary: vocabulary,
            settings: Preset.cpu.recipe(characters: 0).training, progress: .init(),
            data: .init(sha256: "", files: []))
    }

    /// Checks that what was read is the model of a checkpoint, to the bit.
    static func expectSame(
        _ read: (model: GPT, vocabulary: Vocabulary), _ checkpoint: Checkpoint,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let original = try checkpoint.model()
        #expect(read.vocabulary == checkpoint.vocabulary, sourceLocation: sourceLocation)
        #expect(read.model.configuration == original.configuration, sourceLocation: sourceLocation)
        #expect(read.model.parameters.map(\.name) == original.parameters.map(\.name), sourceLocation: sourceLocation)
        #expect(
            read.model.parameters.map(\.tensor.values) == original.parameters.map(\.tensor.values),
            sourceLocation: sourceLocation)
    }
}
