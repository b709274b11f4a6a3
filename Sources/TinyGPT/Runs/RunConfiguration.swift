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
    /// True where the weights of every validation are kept, too; nil where they are not.
    public var probeWeights: Bool?

    /// The configuration of a run that starts.
    ///
    /// - Parameters:
    ///   - version: The version of the program.
    ///   - started: The start of the run, stored in ISO 8601 in UTC, to the second.
    ///   - commandLine: The arguments that start the run, without the program's name.
    ///   - model: The model, of which sizes and parameter count are stored.
    ///   - training: The hyperparameters of the training.
    ///   - data: The text of the training.
    ///   - probe: The text whose attention is recorded, if any.
    ///   - probeWeights: Whether the weights of every validation are kept, too.
    public init(
        version: String, started: Date, commandLine: [String], model: GPT, training: TrainingSettings,
        data: Checkpoint.DataDescription, probe: String? = nil, probeWeights: Bool = false
    ) {
        self.version = version
        self.started = started.formatted(.iso8601)
        commandLines = [commandLine]
        self.model = model.configuration
        parameters = model.parameterCount
        self.training = training
        self.data = data
        self.probe = probe
        self.probeWeights = probeWeights ? true : nil
    }

    /// Reads `config.json` and checks every value in it.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)`` or ``TinyGPTError/badFile(_:problem:)``.
    public init(path: String) throws {
        let bytes = try InputFile(path: path).readToEnd(limit: Self.sizeLimit)
        func damaged(_ problem: String) -> TinyGPTError {
            .badFile(path, problem: "is not the configuration of a run, or is damaged: \(problem)")
        }
        do { self = try JSONScanner.decode(RunConfiguration.self, from: bytes) } catch {
            throw damaged(JSONScanner.problem(error))
        }
        do { try model.validate() } catch let error as TinyGPTError { throw damaged(error.description) }
        if let setting = training.invalidSetting { throw damaged("it has \(setting)") }
        if let problem = data.problem { throw damaged("it has \(problem)") }
        guard parameters > 0 else { throw damaged("it has \(parameters) parameters, expected at least 1") }
    }

    /// The most bytes; a run resumed ten thousand times has 2 MB.
    private static let sizeLimit = 1 << 23

    /// Writes `config.json`, whole or not at all: indented, keys sorted, so that the same configuration makes the same bytes.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``; what was at the path is
    ///   then unchanged.
    public func write(to path: String) throws {
        try AtomicFile.write(try JSONEncoder.text(of: self, .readable) + "\n", to: path)
    }
}
