import Autograd

/// The correlations of neurons with features of a text, from sums over batches of its characters.
///
/// Beside each sum stand those with the features of other places of the text, an eighth of it further on, two eighths and so
/// on: the correlations that there are by chance in a text of this length, whose characters are not independent.
struct NeuronCorrelations {
    /// The shifts, the first of which is none.
    static let shifts = 8

    private let features: CharacterFeatures
    /// F, the neurons of a layer.
    private let hidden: Int
    /// The sums of activations and of their squares, for each layer and neuron.
    private var sums: [Double], squares: [Double]
    /// The sums of features times activations. Shape: (layers, shifts, features, neurons)
    private var products: [Double]
    /// The features of the characters at hand. Shape: (shifts x features, characters)
    private var current = Tensor(repeating: 0, shape: [0, 0])

    /// Nothing added yet.
    init(_ features: CharacterFeatures, layers: Int, hidden: Int) {
        self.features = features
        self.hidden = hidden
        sums = [Double](repeating: 0, count: layers * hidden)
        squares = sums
        products = [Double](repeating: 0, count: sums.count * Self.shifts * features.features.count)
    }

    /// The bytes of all sums.
    static func memory(_ features: Int, layers: Int, hidden: Int) -> Int {
        layers.multipliedOrMax(by: hidden).multipliedOrMax(by: (shifts * features + 2) * 8)
    }

    /// Takes up the characters of a range of the text, whose activations are added next.
    mutating func begin(_ range: Range<Int>) {
        let values = (0..<Self.shifts).flatMap { shift in
            features.values(range, shiftedBy: shift * features.count / Self.shifts)
        }
        current = Tensor(values, shape: [Self.shifts * features.features.count, range.count])
    }

    /// Adds the activations of a layer. Shape: (characters, F)
    mutating func add(_ activations: Tensor, ofLayer layer: Int) {
        let values = activations.values
        let first = layer * hidden
        for start in stride(from: 0, to: values.count, by: hidden) {
            for neuron in 0..<hidden {
                let value = Double(values[start + neuron])
                sums[first + neuron] += value
                squares[first + neuron] += value * value
            }
        }
        guard !features.features.isEmpty else { return }
        let added = current.matmul(activations).values
        let offset = layer * added.count
        for index in added.indices { products[offset + index] += Double(added[index]) }
    }

    /// The mean activation of a neuron.
    func mean(layer: Int, neuron: Int) -> Double { sums[layer * hidden + neuron] / Double(features.count) }

    /// The standard deviation of a neuron's activation; 0 where it is the same to within rounding.
    func deviation(layer: Int, neuron: Int) -> Double {
        let square = squares[layer * hidden + neuron] / Double(features.count)
        let mean = mean(layer: layer, neuron: neuron)
        let variance = square - mean * mean
        return variance > 1e-12 * square ? variance.squareRoot() : 0
    }

    /// The correlations of a neuron with all features, of as many shifts: Pearson's, from -1 to 1; 0 where it never changes.
    ///
    /// Shape: (shifts, features)
    private func correlations(layer: Int, neuron: Int, shifts: Range<Int>) -> [Double] {
        let scale = deviation(layer: layer, neuron: neuron) * Double(features.count)
        let kinds = features.features.count
        return (shifts.lowerBound * kinds..<shifts.upperBound * kinds).map { row in
            let product = products[(layer * Self.shifts * kinds + row) * hidden + neuron]
            return scale > 0 && product.isFinite ? product / scale : 0
        }
    }

    /// The correlations of a neuron with all features.
    func correlations(layer: Int, neuron: Int) -> [Double] {
        correlations(layer: layer, neuron: neuron, shifts: 0..<1)
    }

    /// For each feature the largest correlation, up or down, of any neuron with it at another place of the text.
    var chance: [Double] {
        let kinds = features.features.count
        var largest = [Double](repeating: 0, count: kinds)
        for index in sums.indices {
            let (layer, neuron) = index.quotientAndRemainder(dividingBy: hidden)
            for (row, value) in correlations(layer: layer, neuron: neuron, shifts: 1..<Self.shifts).enumerated() {
                largest[row % kinds] = max(largest[row % kinds], abs(value))
            }
        }
        return largest
    }
}
