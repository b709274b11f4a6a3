import Autograd
import Foundation
import Layers

/// A model at one moment of its training, complete in one file: weights, sizes, vocabulary, hyperparameters and the optimizer's
/// state.
///
/// The batches and all random numbers of a step are functions of the seed and the step, so those two are also the random
/// state and the position in the data.
public struct Checkpoint {
    /// The sizes of the model.
    public var configuration: GPT.Configuration
    /// Turns characters into tokens and back.
    public var vocabulary: Vocabulary
    /// The hyperparameters of the training.
    public var settings: TrainingSettings
    /// How far the training has come.
    public var progress: Progress
    /// The text of the training.
    public var data: DataDescription
    /// The file it was read from; empty for a new one.
    private let path: String
    /// Weights, and unless it was read for inference the optimizer's moments, by name.
    private var tensors: [String: Safetensors.StoredTensor]

    /// What a checkpoint is read for, which decides how much of it is read.
    public enum Purpose: Sendable {
        /// The model alone: the optimizer's state, up to two thirds of the file, is skipped.
        case inference
        /// Everything, to resume the training.
        case training
    }

    private static let format = "tinygpt-checkpoint-1"
    /// The most bytes of JSON for one key: the names of a hundred thousand files.
    private static let metadataLimit = 1 << 23
    private static let optimizerPrefix = "optimizer."

    /// The state of a training, copied.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - optimizer: The optimizer of its parameters.
    ///   - vocabulary: Turns characters into tokens and back.
    ///   - settings: The hyperparameters of the training.
    ///   - progress: How far it has come.
    ///   - data: Its text.
    public init(
        _ model: GPT, _ optimizer: Optimizer, vocabulary: Vocabulary, settings: TrainingSettings, progress: Progress,
        data: DataDescription
    ) {
        path = ""
        configuration = model.configuration
        (self.vocabulary, self.settings, self.progress, self.data) = (vocabulary, settings, progress, data)
        tensors = [:]
        for parameter in model.parameters { tensors[parameter.name] = Self.stored(parameter.tensor) }
        for part in optimizer.state { tensors[Self.optimizerPrefix + part.name] = Self.stored(part.tensor) }
    }

    /// The state of a model that no step of a training has changed, such as an imported one: step 0, moments of zero.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - vocabulary: Turns characters into tokens and back; as many as the model has.
    ///   - settings: The hyperparameters of a training to come.
    ///   - data: Its text.
    public init(
        untrained model: GPT, vocabulary: Vocabulary, settings: TrainingSettings, data: DataDescription
    ) {
        path = ""
        configuration = model.configuration
        (self.vocabulary, self.settings, self.progress, self.data) = (vocabulary, settings, Progress(), data)
        tensors = [:]
        for parameter in model.parameters { tensors[parameter.name] = Self.stored(parameter.tensor) }
        for (name, shape) in Optimizer.state(of: model.parameters, settings.optimizerKind) {
            tensors[Self.optimizerPrefix + name] = Safetensors.StoredTensor(
                shape: shape.array, values: [Float](repeating: 0, count: shape.count))
        }
    }

    /// The same without the optimizer's state: for inference, in about a third of the bytes.
    var withoutOptimizer: Checkpoint {
        var copy = self
        copy.tensors = tensors.filter { !$0.key.hasPrefix(Self.optimizerPrefix) }
        return copy
    }

    private static func stored(_ tensor: Tensor) -> Safetensors.StoredTensor {
        Safetensors.StoredTensor(shape: tensor.shape.array, values: tensor.values)
    }

    // MARK: Reading

    /// Reads and validates a checkpoint; nothing in the file is trusted.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - purpose: How much of it to read.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` for a file that is not a checkpoint or a damaged one.
    public init(path: String, for purpose: Purpose) throws {
        self.path = path
        let file = try Safetensors.read(from: path) { name in
            purpose == .training || !name.hasPrefix(Self.optimizerPrefix)
        }
        guard file.metadata["format"] == Self.format else {
            throw TinyGPTError.badFile(
                path,
                problem: """
                    is a safetensors file but not a TinyGPT checkpoint: its metadata has format \
                    '\(file.metadata["format"]?.excerpt ?? "none")', expected '\(Self.format)'
                    """)
        }
        func decode<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
            guard let text = file.metadata[key] else { throw Self.damaged(path, "its metadata has no '\(key)'") }
            guard text.utf8.count <= Self.metadataLimit else {
                throw Self.damaged(
                    path, "its '\(key)' has \(text.utf8.count) bytes, expected at most \(Self.metadataLimit)")
            }
            do { return try JSONScanner.decode(type, from: text.utf8) } catch {
                throw Self.damaged(path, "its '\(key)' is malformed: \(JSONScanner.problem(error))")
            }
        }
        configuration = try decode(GPT.Configuration.self, "configuration")
        settings = try decode(TrainingSettings.self, "settings")
        progress = try decode(Progress.self, "progress")
        data = try decode(DataDescription.self, "data")
        vocabulary = try Vocabulary(
            characters: Array((file.metadata["vocabulary"] ?? "").unicodeScalars), from: path)
        tensors = file.tensors
        try validate()
        // Older files do not count the validations since the best.
        if let best = progress.bestStep, progress.validationsSinceBest == nil {
            progress.validationsSinceBest = settings.validations(after: best, through: progress.validatedStep)
        }
    }

    private func validate() throws {
        do { try configuration.validate() } catch let error as TinyGPTError {
            throw Self.damaged(path, error.description)
        }
        guard vocabulary.count == configuration.vocabulary else {
            throw Self.damaged(
                path, "the model has \(configuration.vocabulary) characters, its vocabulary \(vocabulary.count)")
        }
        if let setting = settings.invalidSetting { throw Self.damaged(path, "its settings have \(setting)") }
        if let problem = progress.problem ?? progress.problem(within: settings) {
            throw Self.damaged(path, "its progress has \(problem)")
        }
        if let problem = data.problem { throw Self.damaged(path, "its data has \(problem)") }
    }

    private static func damaged(_ path: String, _ problem: String) -> TinyGPTError {
        .badFile(path, problem: "is a damaged checkpoint: \(problem)")
    }

    /// A stored tensor, which must have this shape and finite values.
    private func values(_ name: String, _ shape: Shape) throws -> [Float] {
        guard let tensor = tensors[name] else { throw Self.damaged(path, "'\(name)' is missing") }
        guard tensor.shape == shape.array else {
            throw Self.damaged(path, "'\(name)' should have the shape \(shape), got \(tensor.shape)")
        }
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw TinyGPTError.badFile(
                path,
                problem: "cannot be used: '\(name)' holds values that are not finite; use another checkpoint"
            )
        }
        return tensor.values
    }

    /// The model, with parameters that learn.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` if a parameter is missing, not finite or of another shape, or if there are
    ///   tensors that the configuration does not account for, such as those of another layer.
    public func model() throws -> GPT { try model(Set(tensors.keys), values) }

    /// The same model, to which the weights go over: each is released as soon as it is copied, so that they are in memory once
    /// and not twice. Afterwards the checkpoint only describes the model and its training.
    ///
    /// - Throws: As ``model()``.
    public mutating func takeModel() throws -> GPT {
        var source = self
        tensors = [:]
        return try model(Set(source.tensors.keys)) { name, shape in
            defer { source.tensors[name] = nil }
            return try source.values(name, shape)
        }
    }

    /// The model with values from a source, which has tensors of these names.
    private func model(
        _ names: Set<String>, _ values: @escaping (_ name: String, Shape) throws -> [Float]
    ) throws -> GPT {
        let model = try GPT(
            configuration,
            parameters: ParameterList<any Error> { name, shape, _ in
                .parameter(try values(name, shape), shape: shape)
            })
        let state = Optimizer.state(of: model.parameters, settings.optimizerKind).map { Self.optimizerPrefix + $0.name }
        if let other = names.subtracting(model.parameters.map(\.name)).subtracting(state).min() {
            throw Self.damaged(path, "its configuration does not account for '\(other.excerpt)'")
        }
        return model
    }

    /// A trainer that continues exactly where this one stopped: its next step is the one that would have come.
    ///
    /// - Parameters:
    ///   - tokens: The text to train on.
    ///   - lineBreak: The token between lines that are texts of their own; nil where the text is one.
    ///   - settings: The hyperparameters to continue with.
    ///   - processes: The processes that make each step together.
    /// - Returns: The trainer.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` if weights or moments are missing, not finite or of another shape.
    /// - Precondition: The checkpoint was read for training.
    public func trainer(
        tokens: TokenArray, lineBreak: Int32? = nil, settings: TrainingSettings, processes: Processes = .one
    ) throws -> Trainer {
        let model = try model()
        let optimizer = try Optimizer(
            model.parameters, settings.optimizer, settings.optimizerKind, step: progress.step
        ) { name, shape in
            let values = try values(Self.optimizerPrefix + name, shape)
            let range = Optimizer.range(of: name, after: progress.step)
            if let value = values.first(where: { !range.contains($0) }) {
                let bound = value < range.lowerBound ? "at least 0" : "at most the \(progress.step) steps made"
                throw Self.damaged(
                    path, "'\(Self.optimizerPrefix + name)' has the value \(value), expected \(bound)")
            }
            return Tensor(values, shape: shape)
        }
        return Trainer(
            model, optimizer: optimizer, tokens: tokens, lineBreak: lineBreak, settings, processes: processes)
    }

    // MARK: Writing

    /// Writes the file, whole or not at all.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public func write(to path: String) throws {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: vocabulary.characters)
        let metadata = [
            "format": Self.format, "vocabulary": String(scalars),
            "configuration": try JSONEncoder.text(of: configuration), "settings": try JSONEncoder.text(of: settings),
            "progress": try JSONEncoder.text(of: progress), "data": try JSONEncoder.text(of: data),
        ]
        try Safetensors(metadata: metadata, tensors: tensors).write(to: path)
    }
}
