import Autograd
import Testing

@testable import Kernels
@testable import TinyGPT

@Suite("What neurons follow and cost")
struct NeuronSurveyTests {
    /// Lines, quotations and capitals, not in step with the windows; 61 windows of 8 characters and a rest.
    private static let text: String.UnicodeScalarView = {
        let words = ["aba \"", "Be", "b\" a", "\n", "eb"]
        var text = ""
        for number in 0..<103 {
            text += words[number * number % 31 % 5]
            text += number % 6 == 5 ? "\nA" : " e"
        }
        return text.unicodeScalars
    }()
    private static let vocabulary = Vocabulary(text: text)
    private static let windows = 61

    private static func tokens() throws -> TokenArray {
        TokenArray(try vocabulary.encode(Array(text.prefix(windows * 8 + 4))))
    }

    private static func model(_ kind: ModelKind) throws -> GPT {
        try ModelKind.strongModel(kind.configuration(vocabulary: vocabulary.count, context: 8), seed: 3)
    }

    /// A model's neurons in plain definitions on one window: the activations of a layer, neuron after neuron in each row, and the
    /// residual stream before the feed-forward layer.
    private static func plain(_ model: GPT, _ window: [Int32], layer: Int) -> (activations: [Float], h: Tensor) {
        let h = (0..<layer).reduce(model.embed(window, batch: 1)) { model.blocks[$1]($0, .inference) }
        let block = model.blocks[layer]
        let attended = h + block.attention(block.norm1(h), .inference)
        let wide = block.feedForward.up(block.norm2(attended)).values
        let hidden = block.feedForward.down.weight.shape[0]
        let activations =
            block.feedForward.isGated
            ? Reference.swiGLU(wide, hidden: hidden) : wide.map { Float(Reference.gelu(Double($0))) }
        return (activations, attended)
    }

    /// The activations of all neurons of a layer. Shape: (neurons, characters)
    private static func activations(_ model: GPT, layer: Int) throws -> [[Double]] {
        let hidden = model.blocks[layer].feedForward.down.weight.shape[0]
        let tokens = try Self.tokens().array
        let rows = (0..<windows).flatMap { window in
            let start = window * 8
            return plain(model, Array(tokens[start..<start + 8]), layer: layer).activations
        }
        return (0..<hidden).map { neuron in
            stride(from: neuron, to: rows.count, by: hidden).map { Double(rows[$0]) }
        }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// With mean 0 and a sum of squares of 1, so that the product of two is Pearson's correlation.
    private static func normalized(_ values: [Double]) -> [Double] {
        let mean = mean(values)
        let centered = values.map { $0 - mean }
        let length = centered.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return centered.map { $0 / length }
    }

    /// The product of two lists, the second of which begins at an offset and goes on from its beginning.
    private static func product(_ x: [Double], _ y: [Double], offset: Int = 0) -> Double {
        var (sum, place) = (0.0, offset)
        for value in x {
            sum += value * y[place]
            place = place + 1 == y.count ? 0 : place + 1
        }
        return sum
    }

    /// A feature of every character, as a reader would find it.
    private static func feature(_ feature: CharacterFeature) -> [Double] {
        let characters = Array(text.prefix(windows * 8 + 1))
        let wanted = feature.token.map { vocabulary.characters[Int($0)] }
        return (0..<windows * 8).map { place in
            let before = characters[...place]
            switch feature.kind {
            case .positionInLine: return Double(place - (before.lastIndex(of: "\n") ?? -1))
            case .capital: return "AB".unicodeScalars.contains(characters[place]) ? 1 : 0
            case .vowel: return "aeA".unicodeScalars.contains(characters[place]) ? 1 : 0
            case .quotation:
                // Quotation marks since the last blank line.
                let start = before.indices.dropFirst().last { before[$0 - 1] == "\n" && before[$0] == "\n" } ?? 0
                return before[start...].count { $0 == "\"" } % 2 == 1 ? 1 : 0
            case .space, .newline, .character: return characters[place] == wanted ? 1 : 0
            case .nextCharacter: return characters[place + 1] == wanted ? 1 : 0
            }
        }
    }

    @Test(
        "Correlations are Pearson's, and by chance the largest with the text shifted by eighths",
        arguments: ModelKind.each)
    func correlations(kind: ModelKind) throws {
        let model = try Self.model(kind)
        let survey = try NeuronSurvey(of: model, on: Self.tokens(), vocabulary: Self.vocabulary, top: 2)
        #expect(survey.windows == Self.windows && survey.windowLength == 8)
        let kinds = survey.reports[0].correlations.map { $0.feature.kind }
        #expect(Set(kinds) == Set(CharacterFeature.Kind.allCases))
        let layers = try (0..<2).map { try Self.activations(model, layer: $0) }
        let neurons = layers.flatMap { $0.map(Self.normalized) }
        #expect(survey.neurons == neurons.count)
        let count = Self.windows * 8
        for kind in CharacterFeature.Kind.allCases {
            // What is listed are the strongest of all neurons with any feature of the kind.
            var strongest = [Double](repeating: 0, count: survey.neurons)
            for (place, correlation) in survey.reports[0].correlations.enumerated()
            where correlation.feature.kind == kind {
                let values = Self.normalized(Self.feature(correlation.feature))
                let expected = neurons.map { Self.product($0, values) }
                var chance = 0.0
                for neuron in neurons {
                    for eighth in 1..<8 {
                        chance = max(chance, abs(Self.product(neuron, values, offset: eighth * count / 8)))
                    }
                }
                for report in survey.reports {
                    let found = report.correlations[place]
                    #expect(found.feature == correlation.feature)
                    #expect(abs(found.value - expected[report.layer * layers[0].count + report.neuron]) < 1e-5)
                    #expect(abs(found.chance - chance) < 1e-5)
                }
                for (neuron, value) in expected.enumerated() where abs(value) > chance {
                    strongest[neuron] = max(strongest[neuron], abs(value))
                }
            }
            let listed = survey.reports.filter { $0.follows.feature.kind == kind }.map { abs($0.follows.value) }
            let expected = strongest.filter { $0 > 0 }.sorted(by: >).prefix(2)
            #expect(listed.count == expected.count)
            #expect(zip(listed, expected).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    @Test(
        "Without a neuron the loss is that of the model with its activation set to the mean, window by window",
        arguments: ModelKind.eachAndTables + [ModelKind(tied: true)])
    func cost(kind: ModelKind) throws {
        let model = try Self.model(kind)
        let tokens = try Self.tokens()
        let survey = try NeuronSurvey(of: model, on: tokens, vocabulary: Self.vocabulary, top: 2)
        let whole = try Evaluation(of: model, on: tokens.part(0..<Self.windows * 8 + 1)).loss
        #expect(abs(survey.loss - whole) < 1e-6)
        let measured = Set(survey.reports.map { $0.layer })
        #expect(measured == [0, 1])
        var largest = 0.0
        for report in survey.reports {
            let values = try Self.activations(model, layer: report.layer)[report.neuron]
            #expect(abs(report.mean - Self.mean(values)) < 1e-5)
            let differences = (0..<Self.windows).map { number in
                let window = tokens[number * 8..<number * 8 + 9]
                var (activations, h) = Self.plain(model, Array(window.dropLast()), layer: report.layer)
                func loss() -> Double {
                    let down = model.blocks[report.layer].feedForward.down
                    let after = h + down(Tensor(activations, shape: [1, 8, activations.count / 8]))
                    let next = (report.layer + 1..<2).reduce(after) { model.blocks[$1]($0, .inference) }
                    return Double(model.logits(next).crossEntropy(Array(window.dropFirst())).scalar)
                }
                let before = loss()
                for row in 0..<8 { activations[row * activations.count / 8 + report.neuron] = Float(Self.mean(values)) }
                return loss() - before
            }
            let expected = LossChange(differences: differences)
            #expect(abs(report.cost.value - expected.value) < 1e-5)
            #expect(abs(report.cost.standardError - expected.standardError) < 1e-5)
            largest = max(largest, abs(expected.value))
        }
        #expect(largest > 3e-3)
    }

    @Test("A neuron at its mean is a row of the down projection that is zero, and a bias that has the mean's share")
    func editedModel() throws {
        let kind = ModelKind(bias: true)
        let tokens = try Self.tokens().part(0..<Self.windows * 8 + 1)
        let survey = try NeuronSurvey(of: Self.model(kind), on: tokens, vocabulary: Self.vocabulary, top: 1)
        for report in survey.reports {
            let edited = try Self.model(kind)
            let down = edited.blocks[report.layer].feedForward.down
            let mean = Float(report.mean)
            var weights: [Float] = down.weight.values
            var bias: [Float] = down.bias!.values
            for output in 0..<8 {
                let place = report.neuron * 8 + output
                bias[output] += mean * weights[place]
                weights[place] = 0
            }
            down.weight.buffer.replace(with: weights)
            down.bias!.buffer.replace(with: bias)
            let change = try Evaluation(of: edited, on: tokens).loss - survey.loss
            #expect(abs(report.cost.value - change) < 1e-6)
        }
    }

    @Test(
        "Passages are the two windows' places where the activation is farthest from the mean", arguments: ModelKind.each
    )
    func passages(kind: ModelKind) throws {
        let model = try Self.model(kind)
        let tokens = try Self.tokens()
        var fractions: [Double] = []
        let survey = try NeuronSurvey(of: model, on: tokens, vocabulary: Self.vocabulary, top: 2) {
            fractions.append($0)
        }
        #expect(fractions == fractions.sorted() && fractions.last == 1)
        for report in survey.reports {
            let values = try Self.activations(model, layer: report.layer)[report.neuron]
            let mean = Self.mean(values)
            let far: [Double] = values.map { (value: Double) -> Double in abs(value - mean) }
            let largest: [Double] = (0..<Self.windows).map { (number: Int) -> Double in
                far[(8 * number)..<(8 * number + 8)].max()!
            }
            let peaks = largest.sorted(by: >)
            #expect(report.passages.count == 2)
            #expect(Set(report.passages.map { $0.position / 8 }).count == 2)
            for (passage, peak) in zip(report.passages, peaks) {
                #expect(abs(far[passage.position] - peak) < 1e-4)
                #expect(abs(Double(passage.activation) - values[passage.position]) < 1e-4)
                // From the beginning of the window on.
                #expect(passage.index == passage.position % 8)
                let start = passage.position - passage.index
                #expect(passage.tokens == tokens[start..<min(Self.windows * 8 + 1, passage.position + 13)])
            }
        }
    }

    @Test("Any number of threads gives the same bits")
    func threads() throws {
        let model = try Self.model(.modern)
        let results: [NeuronSurvey] = try [1, 2, 3].map { (count: Int) -> NeuronSurvey in
            let before = Compute.threads
            defer { Compute.threads = before }
            Compute.threads = count
            return try NeuronSurvey(of: model, on: Self.tokens(), vocabulary: Self.vocabulary, top: 2)
        }
        for other in results.dropFirst() {
            #expect(other.reports.map { $0.correlations } == results[0].reports.map { $0.correlations })
            #expect(other.reports.map { $0.cost } == results[0].reports.map { $0.cost })
            #expect(other.reports.map { $0.passages } == results[0].reports.map { $0.passages })
        }
    }

    @Test("A text without a feature has no reports, a single character is refused, and so is a model that has diverged")
    func limits() throws {
        let model = try Self.model(.classic)
        let survey = try NeuronSurvey(of: model, on: [1, 2, 1, 2], vocabulary: Self.vocabulary, top: 2)
        #expect(survey.reports.isEmpty)
        #expect((survey.windows, survey.windowLength) == (1, 3))
        #expect(throws: TinyGPTError.self) {
            try NeuronSurvey(of: model, on: [1], vocabulary: Self.vocabulary, top: 2)
        }
        model.blocks[1].feedForward.up.weight.buffer.replace(
            with: [Float](repeating: 3e38, count: model.blocks[1].feedForward.up.weight.shape.count))
        #expect(throws: TinyGPTError.self) {
            try NeuronSurvey(of: model, on: Self.tokens(), vocabulary: Self.vocabulary, top: 2)
        }
    }

    @Test("A neuron that never changes follows nothing")
    func constant() throws {
        let model = try Self.model(ModelKind(bias: true))
        let up = model.blocks[0].feedForward.up
        // The weights of neuron 5 are zero, so that it is gelu of its bias.
        up.weight.buffer.replace(with: up.weight.values.enumerated().map { $0.offset % 32 == 5 ? 0 : $0.element })
        let survey = try NeuronSurvey(of: model, on: Self.tokens(), vocabulary: Self.vocabulary, top: 1000)
        #expect(!survey.reports.contains { $0.layer == 0 && $0.neuron == 5 })
        #expect(survey.reports.contains { $0.layer == 0 && $0.neuron == 4 })
    }
}
