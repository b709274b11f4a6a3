/// Everything that the explorer page shows, as the JSON inside it: a model that the page runs, or a recording.
struct PageData: Encodable {
    /// What ``HeadSurvey`` has found of a head.
    struct HeadNote: Encodable {
        let layer: Int, head: Int
        /// By how much the loss rises without it, in nats per character, and the standard error of that.
        let importance: Double, error: Double
        /// What it does, where that is clear.
        let name: String?

        init(_ report: HeadReport) {
            (layer, head) = (report.layer, report.head)
            (importance, error) = (report.importance.averaged.value, report.importance.averaged.standardError)
            name = report.name
        }
    }

    /// What ``NeuronSurvey`` has found.
    struct Neurons: Encodable {
        /// A neuron and what it follows; losses and correlations to four digits.
        struct Note: Encodable {
            let layer: Int, neuron: Int
            /// The kind of feature, and its character where it has one.
            let kind: String, character: String?
            let correlation: Double, chance: Double
            /// By how much the loss rises without it, and the standard error of that; nil for a single window.
            let cost: Double, error: Double?
            /// The place where it is farthest from its mean: the characters before, that character, those after.
            let passage: [String]?
        }

        let list: [Note]
        let windows: Int, windowLength: Int

        init(_ survey: NeuronSurvey, _ vocabulary: Vocabulary) {
            func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
            list = survey.reports.map { report in
                let (follows, cost) = (report.follows, report.cost)
                return Note(
                    layer: report.layer, neuron: report.neuron, kind: follows.feature.kind.rawValue,
                    character: follows.feature.token.map { vocabulary.decode([$0]) },
                    correlation: rounded(follows.value), chance: rounded(follows.chance), cost: rounded(cost.value),
                    error: cost.standardError.isFinite ? rounded(cost.standardError) : nil,
                    passage: report.passages.first.map { passage in
                        let (tokens, index) = (passage.tokens, passage.index)
                        return [
                            tokens[..<index].suffix(Self.before), tokens[index...index],
                            tokens[(index + 1)...].prefix(Self.after),
                        ].map(vocabulary.decode)
                    })
            }
            (windows, windowLength) = (survey.windows, survey.windowLength)
        }

        /// The characters before and after the exciting one that a line has room for.
        private static let before = 8, after = 6
    }

    /// Another model beside that of the page.
    struct Comparison: Encodable {
        let facts: PageFacts
        let model: PageModel.Description
        let weights: String
    }

    /// The model at a validation of its training.
    struct Moment: Encodable {
        let step: Int
        let loss: Double?
        /// Its weights in base64; nil for the last one, whose weights are those of the page.
        let weights: String?
        let precision: ExplorerPage.Precision?
    }

    /// A text that the model has written.
    struct Replay: Encodable {
        /// The first character that the model wrote itself.
        let written: Int
        /// How it chose the characters.
        let sampler: Sampler
    }

    let facts: PageFacts
    /// What the reader has to know about the text, such as that its beginning was left out.
    var notice: String?
    /// The layer and the head that are shown first; the first ones if nil.
    var layer: Int?, head: Int?
    var notes: [HeadNote]?
    var neurons: Neurons?

    var model: PageModel.Description?
    /// Its weights in base64.
    var weights: String?
    /// The text that is in the box at first.
    var prompt: String?
    var replay: Replay?
    var compare: Comparison?
    /// The model through its training.
    var history: [Moment]?
    /// How many validations there were of which the page could have shown something.
    var validations: Int?

    var recording: PageRecording?
}
