/// Model sizes and training settings that go well together.
public enum Preset: String, CaseIterable, Sendable {
    /// The sizes of nanoGPT's configuration for a CPU: 0.8 million parameters; minutes on a laptop.
    case cpu
    /// The sizes of nanoGPT's character-level configuration: 10.7 million parameters; hours on a laptop.
    case baby
    /// What learns most in a minute or two on a laptop.
    case fast
    /// What learns most in a quarter of an hour on a laptop.
    case best

    /// What a preset sets.
    public struct Recipe: Sendable {
        /// The model, whose vocabulary is that of the text.
        public var model: GPT.Configuration
        /// The training.
        public var training: TrainingSettings
        /// Why it is so, where the text's length decides; one line.
        public var reason: String?
    }

    /// The recipe for a text.
    ///
    /// - Parameters:
    ///   - vocabulary: V, the different characters of the text.
    ///   - characters: All characters of the text.
    /// - Returns: Valid sizes and settings.
    public func recipe(vocabulary: Int = 1, characters: Int) -> Recipe {
        switch self {
        case .cpu:
            Recipe(
                model: GPT.Configuration(vocabulary: vocabulary, layers: 4, heads: 4, width: 128, context: 64),
                training: TrainingSettings(
                    batch: 12, batches: .shuffled, steps: 2000,
                    schedule: .init(peak: 3e-3, minimum: 0, warmup: 100, shape: .linear)))
        case .baby:
            Recipe(
                model: GPT.Configuration(
                    vocabulary: vocabulary, layers: 6, heads: 6, width: 384, context: 256, dropout: 0.2),
                training: TrainingSettings(batch: 64, steps: 5000))
        case .fast: Self.fast(vocabulary: vocabulary, characters: characters)
        case .best: Self.best(vocabulary: vocabulary, characters: characters)
        }
    }

    /// Characters of a text below which tables learn it by heart: of 94,000 they do, of a million they do not; nothing in between was
    /// tried.
    private static let shortText = 300_000

    /// Chosen by trying, at equal time: context 64 to 256, batch 6 to 24, 2 to 8 heads, rates 0.002 to 0.006, warm-up 20 or 100,
    /// with and without tables.
    private static func fast(vocabulary: Int, characters: Int) -> Recipe {
        let (batch, context) = (12, 128)
        // A short text is seen many times, and tables would learn it by heart: after 1000 steps on 94,000 characters the
        // validation loss was 1.59 without them, 1.62 with pairs, and with triples rising after 200 steps from 1.70.
        let isShort = characters < shortText
        let (epochs, most) = isShort ? (18, 1000) : (4, 2500)
        let wanted = epochs * Corpus.trainCount(of: characters) / (batch * context)
        let steps = min(most, max(300, (wanted + 50) / 100 * 100))
        return Recipe(
            model: GPT.Configuration(
                vocabulary: vocabulary, layers: 4, heads: 4, width: 128, context: context, dropout: isShort ? 0.2 : 0,
                architecture: .modern, tables: isShort ? .none : .trigram),
            training: TrainingSettings(
                batch: batch, batches: .shuffled, steps: steps,
                schedule: .init(peak: 3e-3, minimum: 0, warmup: 20, shape: .linear), optimizerKind: .muon),
            reason: isShort
                ? "a short text: dropout and no tables" : "a long text: tables of pairs and triples, no dropout")
    }

    /// As `fast`, larger, with pairs only and little dropout, 4.5 times through the text, at most 6000 steps: on a million
    /// characters 1500 steps ended at a validation loss of 1.433. A width of 256 ended at 1.426 in half as much time again; with a
    /// dropout of 0.15 that was 1.446, and 3000 steps with 0.25 ended at 1.455.
    ///
    /// With triples the text would soon be known by heart: 128 wide and with dropout 0.1, the loss fell to 1.477 in 4500 steps
    /// of 12 x 128 characters and then rose.
    private static func best(vocabulary: Int, characters: Int) -> Recipe {
        let (batch, context) = (12, 256)
        // A short text is known by heart long before that.
        if characters < shortText {
            var recipe = fast(vocabulary: vocabulary, characters: characters)
            recipe.reason =
                "a short text: the settings of fast, dropout and no tables, since more would learn it by heart"
            return recipe
        }
        let wanted = 9 * Corpus.trainCount(of: characters) / (2 * batch * context)
        let steps = min(6000, (wanted + 50) / 100 * 100)
        return Recipe(
            model: GPT.Configuration(
                vocabulary: vocabulary, layers: 6, heads: 6, width: 192, context: context, dropout: 0.1,
                architecture: .modern, tables: .bigram),
            training: TrainingSettings(
                batch: batch, batches: .shuffled, steps: steps,
                schedule: .init(peak: 2e-3, minimum: 0, warmup: 20, shape: .linear), optimizerKind: .muon),
            reason: "a long text: tables of pairs, little dropout")
    }
}
