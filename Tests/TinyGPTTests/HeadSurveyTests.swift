import Autograd
import Testing

@testable import TinyGPT

@Suite("What heads are worth")
struct HeadSurveyTests {
    private static let tokens: [Int32] = (0..<97).map { Int32($0 * $0 % 31 % 7) }

    private static func model(_ kind: ModelKind) throws -> GPT {
        // Large enough for every head to matter.
        try ModelKind.strongModel(kind.configuration(context: 8), seed: 3)
    }

    /// The same model with the rows of the projection that belong to a head set to zero, and something added to its bias.
    private static func without(
        _ head: Int, ofLayer layer: Int, _ kind: ModelKind, mean: [Float] = [0, 0, 0, 0]
    ) throws -> GPT {
        let edited = try Self.model(kind)
        let projection = edited.blocks[layer].attention.projection
        var weights = projection.weight.values
        var bias = projection.bias?.values ?? []
        for (index, channel) in (head * 4..<head * 4 + 4).enumerated() {
            for output in 0..<8 {
                if !bias.isEmpty { bias[output] += mean[index] * weights[channel * 8 + output] }
                weights[channel * 8 + output] = 0
            }
        }
        projection.weight.buffer.replace(with: weights)
        projection.bias?.buffer.replace(with: bias)
        return edited
    }

    @Test(
        "Removing a head changes the loss as much as setting its part of the projection to zero",
        arguments: [.classic] + ModelKind.eachAndTables)
    func zeroed(kind: ModelKind) throws {
        let model = try Self.model(kind)
        let survey = try HeadSurvey(of: model, on: TokenArray(Self.tokens), spaces: [])
        #expect(survey.windows == 12)
        let whole = try Evaluation(of: model, on: TokenArray(Self.tokens)).loss
        #expect(abs(survey.loss - whole) < 1e-6)
        #expect(survey.reports.map(\.layer) == [0, 0, 1, 1])
        #expect(survey.reports.map(\.head) == [0, 1, 0, 1])
        for report in survey.reports {
            let edited = try Self.without(report.head, ofLayer: report.layer, kind)
            let change = try Evaluation(of: edited, on: TokenArray(Self.tokens)).loss - whole
            #expect(abs(report.importance.zeroed.value - change) < 1e-6)
            #expect(abs(change) > 1e-3)
            #expect(report.importance.zeroed.value != report.importance.averaged.value)
        }
    }

    @Test("Averaging a head is like a bias with the mean of what its weights gather from the values")
    func averaged() throws {
        let kind = ModelKind(bias: true)
        let model = try Self.model(kind)
        let survey = try HeadSurvey(of: model, on: TokenArray(Self.tokens), spaces: [])
        let whole = try Evaluation(of: model, on: TokenArray(Self.tokens)).loss
        let block = model.blocks[0]
        for head in 0..<2 {
            var mean = [Float](repeating: 0, count: 4)
            for start in stride(from: 0, to: 96, by: 8) {
                let window = Array(Self.tokens[start..<start + 8])
                let weights = try ModelTrace(of: model, on: window).weights(layer: 0, head: head)
                let inputs = block.attention.queryKeyValue(block.norm1(model.embed(window, batch: 1))).values
                for (row, position) in (0..<8).flatMap({ row in (0...row).map { (row, $0) } }) {
                    for channel in 0..<4 {
                        mean[channel] += weights[row][position] * inputs[position * 24 + 16 + head * 4 + channel] / 96
                    }
                }
            }
            let edited = try Self.without(head, ofLayer: 0, kind, mean: mean)
            let change = try Evaluation(of: edited, on: TokenArray(Self.tokens)).loss - whole
            #expect(abs(survey.reports[head].importance.averaged.value - change) < 1e-5)
        }
    }

    @Test("The standard error is that of the mean of the windows' differences")
    func standardError() {
        let change = LossChange(differences: [1, 2, 3, 6])
        #expect(change.value == 3)
        // Deviations -2, -1, 0, 3: 14 over 3, over 4 windows.
        #expect(abs(change.standardError - (14.0 / 12).squareRoot()) < 1e-12)
        #expect(LossChange(differences: [1]).standardError.isNaN)
    }

    @Test(
        "Heads whose queries are zero look at everything alike: every score is its chance",
        arguments: [ModelKind.classic, .modern])
    func uniform(kind: ModelKind) throws {
        let model = try Self.model(kind)
        for block in model.blocks {
            let weight = block.attention.queryKeyValue.weight
            weight.buffer.replace(with: weight.values.enumerated().map { $0.offset % 24 < 8 ? 0 : $0.element })
        }
        var fractions: [Double] = []
        let survey = try HeadSurvey(of: model, on: TokenArray(Self.tokens), spaces: [0]) { fractions.append($0) }
        for pattern in survey.reports.map(\.pattern) {
            for target in AttentionTarget.allCases {
                #expect(abs(pattern[target].value - pattern[target].chance) < 1e-6)
            }
            #expect(pattern.name == "uniform")
        }
        #expect(fractions == fractions.sorted())
        #expect(fractions.last == 1)
    }

    @Test("A text shorter than the context is one window, a single character is refused, a window limit holds")
    func lengths() throws {
        let model = try Self.model(.classic)
        let short = try HeadSurvey(of: model, on: [1, 2, 3], spaces: [])
        #expect((short.windows, short.windowLength) == (1, 2))
        #expect(short.reports[0].importance.zeroed.standardError.isNaN)
        #expect(short.reports[0].pattern[.space].value.isNaN)
        #expect(try HeadSurvey(of: model, on: TokenArray(Self.tokens), spaces: [], windows: 5).windows == 5)
        #expect(throws: TinyGPTError.self) { try HeadSurvey(of: model, on: [1], spaces: []) }
    }
}
