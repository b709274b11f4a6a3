/// Everything that decides what a training run does, but for the text.
public struct TrainingSettings: Codable, Equatable, Sendable {
    /// Windows of text in each step.
    public var batch: Int
    /// Updates in all.
    public var steps: Int
    /// The sizes of the updates.
    public var schedule: LearningRateSchedule
    /// The optimiser.
    public var optimizer: AdamW.Settings
    /// The part of the text, from its end, kept for validation.
    public var validationFraction: Double
    /// Steps between validations.
    public var evaluateEvery: Int
    /// The start of all random numbers.
    public var seed: UInt64

    /// Creates settings.
    public init(
        batch: Int, steps: Int, schedule: LearningRateSchedule = .init(highest: 1e-3, lowest: 1e-4, warmup: 100),
        optimizer: AdamW.Settings = .init(), validationFraction: Double = 0.1, evaluateEvery: Int = 250,
        seed: UInt64 = 1337
    ) {
        self.batch = batch
        self.steps = steps
        self.schedule = schedule
        self.optimizer = optimizer
        self.validationFraction = validationFraction
        self.evaluateEvery = evaluateEvery
        self.seed = seed
    }
}

/// Model sizes and training settings that go well together: nanoGPT's two character-level configurations.
public enum Preset: String, CaseIterable, Sendable {
    /// 0.8 million parameters: minutes on a laptop.
    case cpu
    /// 10.7 million parameters: for patience.
    case baby

    /// The sizes of the model, for a vocabulary.
    public func configuration(vocabulary: Int) -> GPT.Configuration {
        switch self {
        case .cpu:
            GPT.Configuration(vocabulary: vocabulary, layers: 4, heads: 4, width: 128, context: 64)
        case .baby:
            GPT.Configuration(vocabulary: vocabulary, layers: 6, heads: 6, width: 384, context: 256, dropout: 0.2)
        }
    }

    /// The settings of the training.
    public var settings: TrainingSettings {
        switch self {
        case .cpu: TrainingSettings(batch: 12, steps: 2000)
        case .baby: TrainingSettings(batch: 64, steps: 5000)
        }
    }
}
