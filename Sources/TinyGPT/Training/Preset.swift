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
        /// How often a training may go through the text before the model knows it by heart; nil where that is unknown.
        public var usefulEpochs: Double?
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

    /// What the length of a text decides. The shorter it is, the more often a training reads it, and the sooner tables learn it by
    /// heart. `fast` reached these validation losses on the sonnets (94,000 characters) and on the first characters of the standard
    /// corpus, each on its own last tenth, so only numbers in a row can be compared; with `--seed 1`, AVX2, dropout in parentheses,
    /// after 1000 steps (with triples at most 700, after which the loss rises), on 600,000 characters 1400:
    ///
    /// | characters | no tables | pairs | pairs and triples |
    /// |---|---|---|---|
    /// | 94,000 | 1.599 (0.2) | 1.605 (0.2) | 1.693 (0.2) |
    /// | 150,000 | 1.550 (0.2) | 1.522 (0.2), 1.537 (0.1) | 1.613 (0.1) |
    /// | 300,000 | 1.488 (0.2) | 1.436 (0.2), 1.385 (0.1) | 1.421 (0) |
    /// | 600,000 | | 1.455 (0.1) | 1.427 (0) |
    ///
    /// 1500 steps on 300,000 characters, 8.5 times through the text, ended at 1.371 with pairs. On 150,000 the loss still fell after
    /// 11 times; more were not tried.
    private enum Length {
        case short, medium, long

        init(_ characters: Int) {
            self = characters < 120_000 ? .short : characters < 450_000 ? .medium : .long
        }
    }

    /// Chosen by trying, at equal time: context 64 to 256, batch 6 to 24, 2 to 8 heads, rates 0.002 to 0.006, warm-up 20 or 100,
    /// with and without tables.
    private static func fast(vocabulary: Int, characters: Int) -> Recipe {
        let (batch, context) = (12, 128)
        let (tables, dropout, epochs, most, reason): (GPT.Configuration.Tables, Float, Int, Int, String) =
            switch Length(characters) {
            case .short: (.none, 0.2, 18, 1000, "a short text: dropout and no tables")
            case .medium: (.bigram, 0.1, 11, 1500, "a text of medium length: tables of pairs, little dropout")
            case .long: (.trigram, 0, 4, 2500, "a long text: tables of pairs and triples, no dropout")
            }
        let wanted = epochs * Corpus.trainCount(of: characters) / (batch * context)
        let steps = min(most, max(300, (wanted + 50) / 100 * 100))
        return Recipe(
            model: GPT.Configuration(
                vocabulary: vocabulary, layers: 4, heads: 4, width: 128, context: context, dropout: dropout,
                architecture: .modern, tables: tables),
            training: TrainingSettings(
                batch: batch, batches: .shuffled, steps: steps,
                schedule: .init(peak: 3e-3, minimum: 0, warmup: 20, shape: .linear), optimizerKind: .muon),
            reason: reason, usefulEpochs: Double(epochs))
    }

    /// As `fast`, larger, with pairs only and little dropout, 4.5 times through the text, at most 6000 steps: on a million
    /// characters 1500 steps ended at a validation loss of 1.433. A width of 256 ended at 1.426 in half as much time again; with a
    /// dropout of 0.15 that was 1.446, and 3000 steps with 0.25 ended at 1.455.
    ///
    /// With triples the text would soon be known by heart: 128 wide and with dropout 0.1, the loss fell to 1.477 in 4500 steps
    /// of 12 x 128 characters and then rose.
    private static func best(vocabulary: Int, characters: Int) -> Recipe {
        let (batch, context) = (12, 256)
        // On a shorter text it learns no more than `fast`: on 300,000 characters 400 steps, which take longer, ended at 1.391.
        if Length(characters) != .long {
            var recipe = fast(vocabulary: vocabulary, characters: characters)
            recipe.reason = recipe.reason.map { "\($0), the settings of fast" }
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
            reason: "a long text: tables of pairs, little dropout", usefulEpochs: 4.5)
    }
}
