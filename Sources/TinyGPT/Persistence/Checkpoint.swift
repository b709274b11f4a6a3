import Autograd
import Foundation
import Layers

/// A model at one moment of its training, complete in one file: weights, sizes, vocabulary, the optimiser's state and
/// everything needed to go on or to sample on another machine.
///
/// The batches and all random numbers of a step are functions of the seed and the step, so those two are also the random
/// state and the position in the data.
public struct Checkpoint {
    /// The sizes of the model.
    public var configuration: GPT.Configuration
    /// What the tokens mean.
    public var vocabulary: Vocabulary
    /// How it is trained.
    public var settings: TrainingSettings
    /// How far the training has come.
    public var progress: Progress
    /// The text that it is trained on, to tell it from another.
    public var data: DataDescription
    /// The file it was read from.
    private let path: String
    /// Weights and moments by name.
    private var tensors: [String: Safetensors.StoredTensor]

    /// How far a training has come.
    public struct Progress: Codable, Equatable, Sendable {
        /// Updates made.
        public var step = 0
        /// The lowest validation loss so far in nats per character, and the step at which it was measured.
        public var bestLoss: Double?
        /// See ``bestLoss``.
        public var bestStep: Int?
        /// Time spent training so far, in seconds.
        public var seconds = 0.0

        /// Creates the progress of a training that has not begun.
        public init() {}
    }

    /// Which text a model is trained on.
    public struct DataDescription: Codable, Equatable, Sendable {
        /// The SHA-256 of its bytes, in hexadecimal.
        public var sha256: String
        /// Its files.
        public var files: [String]

        /// Creates a description.
        public init(sha256: String, files: [String]) {
            self.sha256 = sha256
            self.files = files
        }
    }

    private static let format = "tinygpt-checkpoint-1"

    /// Takes down a training as it stands.
    public init(_ trainer: Trainer, vocabulary: Vocabulary, progress: Progress, data: DataDescription) {
        path = ""
        configuration = trainer.model.configuration
        self.vocabulary = vocabulary
        settings = trainer.settings
        self.progress = progress
        self.data = data
        tensors = [:]
        for (index, parameter) in trainer.model.parameters.enumerated() {
            tensors[parameter.name] = Self.stored(parameter.tensor)
            tensors[Self.firstMoment + parameter.name] = Self.stored(trainer.optimizer.firstMoments[index])
            tensors[Self.secondMoment + parameter.name] = Self.stored(trainer.optimizer.secondMoments[index])
        }
    }

    private static let firstMoment = "optimizer.first_moment."
    private static let secondMoment = "optimizer.second_moment."

    private static func stored(_ tensor: Tensor) -> Safetensors.StoredTensor {
        Safetensors.StoredTensor(shape: tensor.shape.array, values: tensor.values)
    }

    /// Reads a checkpoint.
    ///
    /// - Throws: `.missingInput`, `.inputOutput`, or `.badData` for a file that is no checkpoint or not a whole one.
    public init(path: String) throws {
        self.path = path
        let file = try Safetensors.read(from: path)
        guard file.metadata["format"] == Self.format else {
            throw TinyGPTError(
                .badData,
                """
                '\(path)' is a safetensors file but no TinyGPT checkpoint: its metadata has format \
                '\(file.metadata["format"] ?? "none")', expected '\(Self.format)'
                """)
        }
        func decode<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
            guard let text = file.metadata[key], let value = try? JSONDecoder().decode(type, from: Data(text.utf8))
            else {
                throw TinyGPTError(.badData, "'\(path)' is a damaged checkpoint: its metadata has no usable '\(key)'")
            }
            return value
        }
        configuration = try decode(GPT.Configuration.self, "configuration")
        settings = try decode(TrainingSettings.self, "settings")
        progress = try decode(Progress.self, "progress")
        data = try decode(DataDescription.self, "data")
        vocabulary = try Vocabulary(characters: Array((file.metadata["vocabulary"] ?? "").unicodeScalars))
        tensors = file.tensors
        guard vocabulary.count == configuration.vocabulary else {
            throw TinyGPTError(
                .badData,
                """
                '\(path)' is a damaged checkpoint: the model has \(configuration.vocabulary) characters, its vocabulary \
                \(vocabulary.count)
                """)
        }
    }

    /// The values of a stored tensor, which must have this shape.
    private func values(_ name: String, _ shape: Shape) throws -> [Float] {
        guard let tensor = tensors[name] else {
            throw TinyGPTError(.badData, "'\(path)' is a damaged checkpoint: '\(name)' is missing")
        }
        guard tensor.shape == shape.array else {
            throw TinyGPTError(
                .badData,
                "'\(path)' is a damaged checkpoint: '\(name)' should have the shape \(shape), got \(Shape(tensor.shape))"
            )
        }
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw TinyGPTError(
                .badData, "'\(path)' is of no use: '\(name)' holds values that are not finite numbers; use another one")
        }
        return tensor.values
    }

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: `.cannotCreate` or `.inputOutput`.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        func encode(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: vocabulary.characters)
        let metadata = [
            "format": Self.format, "vocabulary": String(scalars),
            "configuration": try encode(configuration), "settings": try encode(settings),
            "progress": try encode(progress), "data": try encode(data),
        ]
        try Safetensors(metadata: metadata, tensors: tensors).write(to: path)
    }

    /// The model, with parameters that learn.
    ///
    /// - Throws: `.badData` if a parameter is missing or has another shape.
    public func model() throws -> GPT {
        try GPT(
            configuration,
            parameters: ParameterList { name, shape, _ in
                .parameter(try values(name, shape), shape: shape)
            })
    }

    /// A trainer that goes on exactly where this one stopped.
    ///
    /// - Parameters:
    ///   - tokens: The text to train on.
    ///   - settings: How to go on.
    /// - Returns: A trainer whose next step is the one that would have come.
    /// - Throws: `.badData` if weights or moments are missing or have another shape.
    public func trainer(tokens: [Int32], settings: TrainingSettings) throws -> Trainer {
        var trainer = Trainer(try model(), tokens: tokens, settings)
        trainer.optimizer.step = progress.step
        for (index, parameter) in trainer.model.parameters.enumerated() {
            let shape = parameter.tensor.shape
            let (first, second) = (Self.firstMoment + parameter.name, Self.secondMoment + parameter.name)
            trainer.optimizer.firstMoments[index].buffer.replace(with: try values(first, shape))
            trainer.optimizer.secondMoments[index].buffer.replace(with: try values(second, shape))
        }
        return trainer
    }
}
