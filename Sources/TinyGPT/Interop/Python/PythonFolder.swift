import Foundation
import Layers

/// A folder for a program in Python: the tensors as safetensors, the sizes and the vocabulary as JSON, and scripts of ours that
/// read both.
struct PythonFolder {
    let layout: TensorLayout
    /// The scripts for a model of these sizes.
    let scripts: @Sendable (GPT.Configuration) -> [(name: String, bytes: [UInt8])]

    private static let weightsFile = "model.safetensors"
    private static let descriptionFile = "config.json"
    /// The most bytes of the description; with every character, an export has 5 million.
    private static let sizeLimit = 1 << 24

    private struct Description: Codable {
        let configuration: GPT.Configuration
        /// The characters in the order of their tokens.
        let vocabulary: String
    }

    /// Writes the folder, whole or not at all. Weights are copied one at a time.
    ///
    /// - Throws: ``TinyGPTError/folderNotEmpty(_:)``, ``TinyGPTError/modelDiverged`` if logits are not finite,
    ///   ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    func write(_ model: GPT, of checkpoint: Checkpoint, to path: String) throws {
        let tensors = try layout.tensors(of: model)
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: checkpoint.vocabulary.characters)
        let description = Description(configuration: model.configuration, vocabulary: String(scalars))
        try AtomicFile.createFolder(at: path) { folder in
            let text = try JSONEncoder.text(of: description, .readable) + "\n"
            try AtomicFile.write(text, to: "\(folder)/\(Self.descriptionFile)")
            try Safetensors.write(tensors, metadata: ["format": "pt"], to: "\(folder)/\(Self.weightsFile)")
            for script in scripts(model.configuration) {
                try AtomicFile.write(String(decoding: script.bytes, as: UTF8.self), to: "\(folder)/\(script.name)")
            }
        }
    }

    /// Reads such a folder, of which nothing is trusted.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, or ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be represented
    ///   here.
    func read(_ path: String) throws -> (model: GPT, vocabulary: Vocabulary) {
        let file = "\(path)/\(Self.descriptionFile)"
        let bytes = try InputFile(path: file).readToEnd(limit: Self.sizeLimit)
        func refuse(_ problem: String) -> TinyGPTError {
            .badFile(file, problem: "cannot be imported: \(problem)")
        }
        let description: Description
        do { description = try JSONScanner.decode(Description.self, from: bytes) } catch {
            throw refuse(JSONScanner.problem(error))
        }
        let configuration = description.configuration
        try configuration.validate(importedFrom: file)
        let vocabulary = try Vocabulary(characters: Array(description.vocabulary.unicodeScalars), from: file)
        guard vocabulary.count == configuration.vocabulary else {
            throw refuse("the model has \(configuration.vocabulary) characters, its vocabulary \(vocabulary.count)")
        }
        let source = try ImportedTensors(path: "\(path)/\(Self.weightsFile)")
        return (try layout.model(configuration, source), vocabulary)
    }
}
