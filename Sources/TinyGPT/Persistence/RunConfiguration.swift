import Foundation

/// What a run was started with, as `config.json` in its folder tells: every setting resolved, nothing left to defaults.
public struct RunConfiguration: Codable, Equatable, Sendable {
    /// The version of the program.
    public var version: String
    /// When the run began, as ISO 8601.
    public var started: String
    /// The arguments that began the run, and those of every time it was continued.
    public var commandLines: [[String]]
    /// The sizes of the model.
    public var model: GPT.Configuration
    /// How many numbers it learns.
    public var parameters: Int
    /// How it is trained.
    public var training: TrainingSettings
    /// The text it is trained on.
    public var data: Checkpoint.DataDescription

    /// Creates a configuration.
    public init(
        version: String, started: Date, commandLine: [String], model: GPT, training: TrainingSettings,
        data: Checkpoint.DataDescription
    ) {
        self.version = version
        self.started = started.formatted(.iso8601)
        commandLines = [commandLine]
        self.model = model.configuration
        parameters = model.parameterCount
        self.training = training
        self.data = data
    }

    /// Reads `config.json`.
    ///
    /// - Throws: `.missingInput`, `.inputOutput`, or `.badData` when it is not one.
    public init(path: String) throws {
        let bytes = try InputFile(path: path).readToEnd()
        do {
            self = try JSONDecoder().decode(RunConfiguration.self, from: Data(bytes))
        } catch {
            throw TinyGPTError(.badData, "'\(path)' is not the configuration of a run, or a damaged one")
        }
    }

    /// Writes `config.json`.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", to: path)
    }
}
