/// Which model a page shows: what stands in its title.
///
/// Nothing in it changes from one day to another, so the same checkpoint makes the same page.
public struct PageFacts: Encodable, Sendable {
    /// The run's name.
    public let run: String
    /// Which of its checkpoints: "best" or "last".
    public let checkpoint: String
    /// Updates made.
    public let step: Int
    /// The validation loss in nats per character; nil where it was not measured.
    public let loss: Double?
    /// The start of the run, in ISO 8601; nil where it is not known.
    public let date: String?
    /// Whether every line of its training text was a text of its own.
    public let lines: Bool
    /// The version of the program.
    public let version: String
    let architecture: String
    let layers: Int, heads: Int, width: Int, context: Int, vocabulary: Int
    /// Learned values.
    let parameters: Int

    /// The facts about a model.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - run: The run's name.
    ///   - checkpoint: Which of its checkpoints.
    ///   - step: Updates made.
    ///   - loss: The validation loss in nats per character; nil where it was not measured.
    ///   - date: The start of the run, in ISO 8601; nil where it is not known.
    ///   - lines: Whether every line of its training text was a text of its own.
    ///   - version: The version of the program.
    public init(
        _ model: GPT, run: String, checkpoint: String, step: Int, loss: Double?, date: String?, lines: Bool = false,
        version: String
    ) {
        (self.run, self.checkpoint, self.step) = (run, checkpoint, step)
        (self.loss, self.date, self.lines, self.version) = (loss, date, lines, version)
        let configuration = model.configuration
        architecture = configuration.architecture.rawValue
        (layers, heads, width) = (configuration.layers, configuration.heads, configuration.width)
        (context, vocabulary) = (configuration.context, configuration.vocabulary)
        parameters = model.parameterCount
    }
}
