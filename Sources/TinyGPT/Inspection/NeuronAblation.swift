import Autograd
import Layers

/// Mean ablation of neurons: a model's loss with the activation of each in turn replaced by its mean, and the places where it was
/// farthest from that.
///
/// The feed-forward layer is linear in its activations, so a neuron is replaced by adding `(mean - activation) * row`, with its
/// row of the down projection, to the residual stream after its layer.
struct NeuronAblation {
    /// The characters of a passage before and after the exciting one.
    private static let before = 24, after = 12

    /// Which neuron.
    struct Key: Hashable {
        let layer: Int, neuron: Int
    }

    /// What the ablation of a neuron says.
    struct Result {
        let cost: LossChange
        let passages: [NeuronReport.Passage]
    }

    private struct Neuron {
        let key: Key
        let mean: Float
        /// Its row of the down projection. Shape: (1, C)
        let row: Tensor
        /// The loss of every window without it.
        var losses: [Double] = []
        /// The farthest places of two windows, farthest first.
        var peaks: [(position: Int, activation: Float)] = []
    }

    private var neurons: [Neuron]
    /// How many windows were added.
    private(set) var windows = 0

    /// An ablation of some neurons with their mean activations, each once; nothing added yet.
    init(of model: GPT, _ neurons: [(layer: Int, neuron: Int, mean: Double)]) {
        var seen: Set<Key> = []
        self.neurons = neurons.compactMap { layer, neuron, mean in
            let key = Key(layer: layer, neuron: neuron)
            guard seen.insert(key).inserted else { return nil }
            let weight = model.blocks[layer].feedForward.down.weight
            return Neuron(key: key, mean: Float(mean), row: weight.sliced(neuron..<neuron + 1))
        }
    }

    /// Adds windows, which follow those added before.
    mutating func add(_ batch: Windows.Batch, of model: GPT) {
        _ = model.forEachLayer(batch) { layer, activations, h in
            for number in neurons.indices where neurons[number].key.layer == layer {
                let neuron = neurons[number]
                let column = activations.sliced(neuron.key.neuron..<neuron.key.neuron + 1, axis: 1)
                let change = (Tensor([neuron.mean], shape: [1]) - column).matmul(neuron.row)
                neurons[number].losses += model.windowLosses(h + change.reshaped(h.shape), from: layer + 1, batch)
                addPeaks(of: number, column.values, length: batch.length)
            }
        }
        windows += batch.rows
    }

    private mutating func addPeaks(of number: Int, _ values: [Float], length: Int) {
        let mean = neurons[number].mean
        for start in stride(from: 0, to: values.count, by: length) {
            var farthest = start
            for place in start..<start + length where abs(values[place] - mean) > abs(values[farthest] - mean) {
                farthest = place
            }
            let peak = (windows * length + farthest, values[farthest])
            var peaks = neurons[number].peaks
            let place = peaks.firstIndex { abs($0.activation - mean) < abs(peak.1 - mean) } ?? peaks.count
            guard place < 2 else { continue }
            peaks.insert(peak, at: place)
            neurons[number].peaks = Array(peaks.prefix(2))
        }
    }

    /// What each neuron costs, given the loss of every window with all neurons, and its passages.
    func results(_ losses: [Double], _ measured: MeasuredWindows) -> [Key: Result] {
        let results = neurons.map { neuron in
            let passages = neuron.peaks.map { position, activation in
                let start = max(position / measured.length * measured.length, position - Self.before)
                let end = min(measured.text.count, position + Self.after + 1)
                return NeuronReport.Passage(
                    tokens: measured.text[start..<end], index: position - start, position: position,
                    activation: activation)
            }
            let cost = LossChange(differences: zip(neuron.losses, losses).map { $0 - $1 })
            return (neuron.key, Result(cost: cost, passages: passages))
        }
        return Dictionary(uniqueKeysWithValues: results)
    }
}
