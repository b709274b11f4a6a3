import Layers

/// The memory that work on a model needs at its peak, computed from sizes before anything is made.
///
/// All sizes are in bytes. Activation counts are fitted to measured peaks, of 0.1 to 10 million parameters and 8 to 16,384
/// characters a step: the estimates lie within 10 % of those (`scripts/check-memory.sh --long`).
public enum MemoryEstimate {
    /// The program itself, its threads' stacks and workspaces.
    private static let base = 32_000_000
    /// A float.
    private static let float = 4

    /// The activations of one pass over `positions` characters: `perBlock` for each block and `perModel` for all, each as wide
    /// as the residual stream, and `logits` rows of the vocabulary.
    private static func activations(
        _ configuration: GPT.Configuration, positions: Int, perBlock: Int, perModel: Int, logits: Int
    ) -> Int {
        let vectors = configuration.layers * perBlock + perModel
        let row = configuration.width.multipliedOrMax(by: vectors).addedOrMax(
            configuration.vocabulary.multipliedOrMax(by: logits))
        return positions.multipliedOrMax(by: row).multipliedOrMax(by: float)
    }

    /// A training: parameters, their gradients and two moments; the activations saved for the backward pass; a validation; and
    /// the state copied for a checkpoint.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model, valid.
    ///   - settings: The settings of the training, valid.
    ///   - characters: The length of the text; 0 for a training without validations.
    ///   - processes: The processes that share each batch.
    /// - Returns: Bytes for each process, without those of the text.
    public static func training(
        _ configuration: GPT.Configuration, _ settings: TrainingSettings, characters: Int, processes: Int = 1
    ) -> Int {
        // Accumulated gradients stand beside those of the next batch, and their sum over shares beside both. Of several processes
        // each keeps those of its shares, the sum, and its piece of the others'.
        let shares = settings.shares == 1 ? 0 : processes == 1 ? 1 : 2 * ((settings.shares - 1) / processes + 1)
        let gradients = (settings.accumulation > 1 ? 2 : 1) + shares
        // Parameters and moments, and both once more, copied for a checkpoint. A table has gradients for a few rows only.
        let state = checkpoint(configuration, settings).multipliedOrMax(by: 2).addedOrMax(
            (configuration.parameterCount - configuration.tableParameterCount).multipliedOrMax(by: gradients)
                .multipliedOrMax(by: float))
        let windows = (settings.batch - 1) / settings.shares + 1
        let positions = windows.multipliedOrMax(by: configuration.context)
        // Modern blocks also save queries and keys as they come, and the gate.
        let perBlock = configuration.architecture == .modern ? 15 : 10
        let step = activations(configuration, positions: positions, perBlock: perBlock, perModel: 15, logits: 3)
        let validated = Int(settings.validationFraction * Double(characters))
        let pass = Evaluation.positions(context: configuration.context)
        // Passes of the full size and a last one. Blocks of the same size are used again, others stay beside them.
        let validation = [validated < pass ? 0 : pass, validated % pass].filter { $0 != positions }
            .reduce(0) { $0.addedOrMax(inferenceActivations(configuration, positions: $1)) }
        return [base, state, step, validation].reduce(0) { $0.addedOrMax($1) }
    }

    /// The size of a checkpoint: parameters and the optimizer's moments.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model, valid.
    ///   - settings: The settings of the training, valid.
    /// - Returns: Bytes.
    public static func checkpoint(_ configuration: GPT.Configuration, _ settings: TrainingSettings) -> Int {
        // A table has one moment, and so has a matrix under Muon.
        let ofOneMoment =
            configuration.tableParameterCount
            + (settings.optimizerKind == .muon ? configuration.hiddenParameterCount : 0)
        return (configuration.parameterCount - ofOneMoment).multipliedOrMax(by: 3)
            .addedOrMax(ofOneMoment.multipliedOrMax(by: 2)).multipliedOrMax(by: float)
    }

    /// Inference: evaluation, sampling or inspection.
    ///
    /// - Parameters:
    ///   - configuration: The sizes of the model, valid.
    ///   - positions: Characters that one pass computes at once.
    ///   - cached: Characters that KV caches have room for.
    ///   - weights: How sampling reads weights, which may be as a copy.
    ///   - isTraced: Whether every layer's attention weights are kept, for one window of `positions`.
    /// - Returns: Bytes.
    public static func inference(
        _ configuration: GPT.Configuration, positions: Int, cached: Int = 0, weights: WeightFormat = .f32,
        isTraced: Bool = false
    ) -> Int {
        // While the model is read, the largest matrix is there twice, in the file's order and in the model's.
        let hidden = FeedForward.hiddenWidth(configuration.architecture, width: configuration.width)
        let columns =
            ([configuration.vocabulary, configuration.architecture == .modern ? 2 * hidden : hidden]
            + configuration.tableRows).max()!
        let parameters = configuration.parameterCount.addedOrMax(configuration.width * columns)
            .multipliedOrMax(by: float)
        let pass = inferenceActivations(configuration, positions: positions)
        let caches = cached.multipliedOrMax(by: configuration.layers).multipliedOrMax(
            by: 2 * configuration.width * float)
        let copy = configuration.hiddenParameterCount.addedOrMax(configuration.width * configuration.vocabulary)
            .multipliedOrMax(by: weights.copiedBytes)
        let attention = positions.multipliedOrMax(by: positions).multipliedOrMax(by: configuration.layers)
            .multipliedOrMax(by: configuration.heads * float)
        return [base, parameters, pass, caches, copy, isTraced ? attention : 0].reduce(0) { $0.addedOrMax($1) }
    }

    /// The table of positions while it is computed: the one size of a model that none of its parameters bounds.
    static func positions(_ configuration: GPT.Configuration) -> Int {
        let channels =
            configuration.architecture == .modern ? configuration.width / configuration.heads : configuration.width
        return configuration.context.multipliedOrMax(by: 2 * channels * float)
    }

    private static func inferenceActivations(_ configuration: GPT.Configuration, positions: Int) -> Int {
        let perModel = configuration.architecture == .modern ? 18 : 15
        return activations(configuration, positions: positions, perBlock: 0, perModel: perModel, logits: 2)
    }
}
