import Autograd
import Layers

/// What the neurons of a model follow in a text, and what the model is without them, measured on the beginning of a text.
///
/// A neuron is one of the F hidden activations of a feed-forward layer: of `gelu(up(x))`, or with a gate of
/// `silu(gate(x)) * up(x)`. As in Karpathy, Johnson and Fei-Fei 2015, "Visualizing and Understanding Recurrent Networks",
/// section 4.2.
public struct NeuronSurvey {
    /// For each kind of feature in turn the neurons that follow one the most, strongest correlation first, and only those that
    /// do so more than by chance. A neuron may be there for several kinds.
    public let reports: [NeuronReport]
    /// How many neurons there are.
    public let neurons: Int
    /// The loss with all neurons on these windows, in nats per character.
    public let loss: Double
    /// How many windows were measured.
    public let windows: Int
    /// How long each window is, in characters.
    public let windowLength: Int

    /// Measures a model on consecutive windows from the beginning of a text, all as long as the context; if the text is
    /// shorter, on the one window that it is.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - tokens: The text, at least two characters.
    ///   - vocabulary: The characters of the tokens.
    ///   - windows: The most windows to measure; as many as hold 8192 characters, at least 16, if nil.
    ///   - top: The most neurons to report on for each kind of feature.
    ///   - progress: Called now and then with the fraction done.
    /// - Throws: ``TinyGPTError/tooShortToMeasure(characters:)`` or ``TinyGPTError/modelDiverged``.
    public init(
        of model: GPT, on tokens: TokenArray, vocabulary: Vocabulary, windows: Int? = nil, top: Int,
        progress: (Double) -> Void = { _ in }
    ) throws {
        precondition(top > 0, "\(top) neurons are none")
        let model = model.frozen
        let measured = try MeasuredWindows(tokens, context: model.configuration.context, most: windows)
        let features = CharacterFeatures(measured.text, vocabulary)
        let (layers, hidden) = (model.configuration.layers, model.blocks[0].feedForward.down.weight.shape[0])
        // The unit of progress is a pass of all text through one layer; one with sums takes about three. How many neurons there will
        // be to ablate, each in half of the layers, is not known before.
        let summing = 3.0 * Double(layers)
        let ablating = Double(
            layers + min(CharacterFeature.Kind.allCases.count * top, layers * hidden) * (layers + 1) / 2)

        var correlations = NeuronCorrelations(features, layers: layers, hidden: hidden)
        var losses: [Double] = []
        for batch in measured.batches {
            let start = losses.count * measured.length
            correlations.begin(start..<start + batch.inputs.count)
            let h = model.forEachLayer(batch) { layer, activations, _ in
                correlations.add(activations, ofLayer: layer)
            }
            losses += model.windowLosses(h, from: layers, batch)
            progress(summing / (summing + ablating) * Double(losses.count) / Double(measured.count))
        }
        loss = losses.reduce(0, +) / Double(losses.count)
        guard loss.isFinite else { throw TinyGPTError.modelDiverged }

        let found = Self.strongest(correlations, features, layers: layers, hidden: hidden, top: top)
        var ablation = NeuronAblation(of: model, found.map { ($0.layer, $0.neuron, $0.mean) })
        for batch in measured.batches {
            ablation.add(batch, of: model)
            let share = Double(ablation.windows) / Double(measured.count)
            progress((summing + share * ablating) / (summing + ablating))
        }
        let results = ablation.results(losses, measured)
        reports = found.map { NeuronReport($0, results[NeuronAblation.Key(layer: $0.layer, neuron: $0.neuron)]!) }
        neurons = layers * hidden
        (self.windows, windowLength) = (measured.count, measured.length)
    }

    /// The most bytes that a survey takes, with the model.
    package static func memory(_ configuration: GPT.Configuration) -> Int {
        let positions = Evaluation.positions(context: configuration.context)
        let kinds = CharacterFeatures.most(vocabulary: configuration.vocabulary)
        let hidden = FeedForward.hiddenWidth(configuration.architecture, width: configuration.width)
        let sums = NeuronCorrelations.memory(kinds, layers: configuration.layers, hidden: hidden)
        let batch = positions.multipliedOrMax(by: 3 * 4 * NeuronCorrelations.shifts * kinds)
        return MemoryEstimate.inference(configuration, positions: positions).addedOrMax(sums).addedOrMax(batch)
    }

    /// A neuron before its ablation.
    struct Candidate {
        let layer: Int, neuron: Int
        let mean: Double, deviation: Double
        let follows: FeatureCorrelation
        let correlations: [FeatureCorrelation]
    }

    /// The neurons to report on.
    private static func strongest(
        _ sums: NeuronCorrelations, _ features: CharacterFeatures, layers: Int, hidden: Int, top: Int
    ) -> [Candidate] {
        let chance = sums.chance
        let all = (0..<layers * hidden).map { index in
            let values = sums.correlations(layer: index / hidden, neuron: index % hidden)
            return features.features.indices.map { place in
                FeatureCorrelation(feature: features.features[place], value: values[place], chance: chance[place])
            }
        }
        return CharacterFeature.Kind.allCases.flatMap { kind in
            let followers = all.enumerated().compactMap { index, correlations in
                correlations.filter { $0.feature.kind == kind && abs($0.value) > $0.chance }
                    .max { abs($0.value) < abs($1.value) }.map { (index: index, follows: $0) }
            }.sorted { (abs($1.follows.value), $0.index) < (abs($0.follows.value), $1.index) }
            return followers.prefix(top).map { index, follows in
                let (layer, neuron) = index.quotientAndRemainder(dividingBy: hidden)
                return Candidate(
                    layer: layer, neuron: neuron, mean: sums.mean(layer: layer, neuron: neuron),
                    deviation: sums.deviation(layer: layer, neuron: neuron), follows: follows,
                    correlations: all[index])
            }
        }
    }
}

/// The correlation of a neuron with a feature.
public struct FeatureCorrelation: Equatable, Sendable {
    /// The feature.
    public let feature: CharacterFeature
    /// Pearson's correlation, from -1 to 1; 0 for a neuron that never changes.
    public let value: Double
    /// The largest one, up or down, that any neuron has with this feature when the text is shifted by one to seven eighths of
    /// its length.
    public let chance: Double
}

/// What one neuron follows and what it is for.
public struct NeuronReport: Sendable {
    /// A place of the text where a neuron is far from its mean.
    public struct Passage: Equatable, Sendable {
        /// The characters up to and after it, those before only as far as the model saw them.
        public let tokens: [Int32]
        /// The index of the exciting character among them.
        public let index: Int
        /// Its position in the text, counted from 0.
        public let position: Int
        /// The activation there.
        public let activation: Float
    }

    /// The layer, counted from 0.
    public let layer: Int
    /// The neuron in its layer, counted from 0.
    public let neuron: Int
    /// The feature that it is listed for.
    public let follows: FeatureCorrelation
    /// Its correlations with all features of the text.
    public let correlations: [FeatureCorrelation]
    /// The mean activation.
    public let mean: Double
    /// The standard deviation of the activation.
    public let deviation: Double
    /// The rise of the loss when the activation is replaced by its mean.
    public let cost: LossChange
    /// The one or two places, of different windows, where the activation is farthest from its mean.
    public let passages: [Passage]

    init(_ candidate: NeuronSurvey.Candidate, _ result: NeuronAblation.Result) {
        (layer, neuron) = (candidate.layer, candidate.neuron)
        (follows, correlations) = (candidate.follows, candidate.correlations)
        (mean, deviation) = (candidate.mean, candidate.deviation)
        (cost, passages) = (result.cost, result.passages)
    }
}

extension GPT {
    /// Runs some windows through the model, and calls `body` after each layer with its number, the activations of its neurons and
    /// the residual stream after it.
    ///
    /// Shape: activations (characters, F), residual stream (rows, length, C)
    ///
    /// - Returns: The residual stream after the last layer.
    func forEachLayer(_ batch: Windows.Batch, _ body: (Int, Tensor, Tensor) -> Void) -> Tensor {
        blocks.enumerated().reduce(embed(batch.inputs, batch: batch.rows)) { h, block in
            var activations: Tensor?
            let next = block.element.observingNeurons(h, .inference) { activations = $0 }
            let neurons = activations!
            body(block.offset, neurons.reshaped([batch.inputs.count, neurons.shape[-1]]), next)
            return next
        }
    }
}
