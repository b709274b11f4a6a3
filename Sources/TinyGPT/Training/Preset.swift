/// Model sizes and training settings that go well together: nanoGPT's two character-level configurations.
public enum Preset: String, CaseIterable, Sendable {
    /// 0.8 million parameters: minutes on a laptop.
    case cpu
    /// 10.7 million parameters: hours on a laptop.
    case baby

    /// The sizes of the model.
    ///
    /// - Parameter vocabulary: V, the different characters of the text.
    /// - Returns: Valid sizes of a classic model.
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
