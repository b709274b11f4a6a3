import Foundation

/// `config.json` of a run: every setting resolved, nothing left to defaults.
public struct RunConfiguration: Codable, Equatable, Sendable {
    /// The version of the program.
    public var version: String
    /// The start of the run, in ISO 8601.
    public var started: String
    /// The arguments that started the run, and those of every time it was resumed.
    public var commandLines: [[String]]
    /// The sizes of the model.
    public var model: GPT.Configuration
    /// The number of learned values.
    public var parameters: Int
    /// The hyperparameters of the training.
    public var training: TrainingSettings
    /// The text of the training.
    public var data: Checkpoint.DataDescription
    /// The text whose attention is recorded, if any.
    public var probe: String?

    /// The configuration of a run that starts.
    public init(
        version: String, started: Date, commandLine: [String], model: GPT, training: TrainingSettings,
        data: Checkpoint.DataDescription, probe: String? = nil
    ) {
        self.version = version
        self.started = started.formatted(.iso8601)
        commandLines = [commandLine]
        self.model = model.configuration
        parameters = model.parameterCount
        self.training = training
        self.data = data
        self.probe = probe
    }

    /// Reads `config.json`.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)`` or ``TinyGPTError/badFile(_:problem:)``.
    public init(path: String) throws {
        let bytes = try InputFile(path: path).readToEnd()
        do {
            self = try JSONDecoder().decode(RunConfiguration.self, from: Data(bytes))
        } catch {
            throw TinyGPTError.badFile(path, problem: "is not the configuration of a run, or a damaged one")
        }
    }

    /// Writes `config.json`.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", to: path)
    }
}
