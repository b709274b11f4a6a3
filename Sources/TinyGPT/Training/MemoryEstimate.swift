/// The memory that work on a model needs at its peak, computed from sizes before anything is made.
///
/// All sizes are in bytes. The counts of activations are what measured peaks of runs amount to, from 0.1 to 10 million
/// parameters and from 8 to 16,384 characters a step: the estimates lie within 10 % of those (`scripts/check-memory.sh`).
public enum MemoryEstimate {
    /// The program itself, its threads' stacks and workspaces.
    private static let base = 29_000_000
    /// A float.
    private static let float = 4

    /// The activations of one pass over `positions` characters: `perBlock` for each block and `perModel` for all, each as wide
    /// as the residual stream, and `logits` rows of the vocabulary.
    private static func activations(
        _ sizes: GPT.Configuration, positions: Int, perBlock: Int, perModel: Int, logits: Int
    ) -> Int {
        let vectors = sizes.layers * perBlock + perModel
        let row = sizes.width.multipliedOrMax(by: vectors).addedOrMax(sizes.vocabulary.multipliedOrMax(by: logits))
        return positions.multipliedOrMax(by: row).multipliedOrMax(by: float)
    }

    /// A training: parameters, their gradients and two moments; the activations saved for the backward pass; a validation; and
    /// the state copied for a checkpoint.
    ///
    /// - Parameters:
    ///   - sizes: The sizes of the model, valid.
    ///   - batch: Windows in each step.
    /// - Returns: Bytes, without those of the text.
    public static func training(_ sizes: GPT.Configuration, batch: Int) -> Int {
        let state = sizes.parameterCount.multipliedOrMax(by: (4 + 3) * float)
        let positions = batch.multipliedOrMax(by: sizes.context)
        // Modern blocks also save queries and keys as they come, and the gate.
        let perBlock = sizes.architecture == .modern ? 14 : 10
        let step = activations(sizes, positions: positions, perBlock: perBlock, perModel: 20, logits: 3)
        let validation = Evaluation.positions(context: sizes.context)
        // Blocks of the same size are used again.
        let other = validation == positions ? 0 : inferenceActivations(sizes, positions: validation)
        return [base, state, step, other].reduce(0) { $0.addedOrMax($1) }
    }

    /// A model that predicts, samples or is looked at.
    ///
    /// - Parameters:
    ///   - sizes: The sizes of the model, valid.
    ///   - positions: Characters that one pass computes at once.
    ///   - cached: Characters that KV caches have room for.
    ///   - isTraced: Whether every layer's attention weights are kept, for one window of `positions`.
    /// - Returns: Bytes.
    public static func inference(
        _ sizes: GPT.Configuration, positions: Int, cached: Int = 0, isTraced: Bool = false
    ) -> Int {
        let parameters = sizes.parameterCount.multipliedOrMax(by: 2 * float)
        let pass = inferenceActivations(sizes, positions: positions)
        let caches = cached.multipliedOrMax(by: sizes.layers).multipliedOrMax(by: 2 * sizes.width * float)
        let weights = positions.multipliedOrMax(by: positions).multipliedOrMax(by: sizes.layers)
            .multipliedOrMax(by: sizes.heads * float)
        return [base, parameters, pass, caches, isTraced ? weights : 0].reduce(0) { $0.addedOrMax($1) }
    }

    private static func inferenceActivations(_ sizes: GPT.Configuration, positions: Int) -> Int {
        let perModel = sizes.architecture == .modern ? 19 : 14
        return activations(sizes, positions: positions, perBlock: 0, perModel: perModel, logits: 2)
    }
}
